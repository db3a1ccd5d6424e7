// SPDX-License-Identifier: MIT
// Streams held side by side: k6 run -e URL=http://127.0.0.1:9000 -e KEY=sk-... bench/k6/streams.js
//
// STREAMS (side by side, 50), DURATION (30s), MODEL (gpt-4o-mini). k6's HTTP client hands a body
// over when it is complete, so `http_req_waiting` is the time to the first byte of the stream and
// `stream_seconds` the time to its end.
import http from 'k6/http';
import { check } from 'k6';
import { Counter, Rate, Trend } from 'k6/metrics';

const url = __ENV.URL || 'http://127.0.0.1:9000';
const chunks = new Counter('stream_chunks');
const whole = new Rate('streams_whole');
const seconds = new Trend('stream_seconds');
const limits = JSON.parse(open('./thresholds.json')).streams;

export const options = {
  scenarios: {
    streams: {
      executor: 'constant-vus',
      vus: Number(__ENV.STREAMS || 50),
      duration: __ENV.DURATION || '30s',
      gracefulStop: '30s',
    },
  },
  thresholds: limits,
};

const parameters = {
  headers: {
    'Content-Type': 'application/json',
    Accept: 'text/event-stream',
    Authorization: `Bearer ${__ENV.KEY || 'sk-litellm-master-key-dev'}`,
  },
  timeout: '60s',
};

const body = JSON.stringify({
  model: __ENV.MODEL || 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Count slowly to twenty.' }],
  stream: true,
  stream_options: { include_usage: true },
});

// The `data:` payloads of an SSE body, whatever its line ends.
function payloads(text) {
  return text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
}

export default function stream() {
  const answer = http.post(`${url}/v1/chat/completions`, body, parameters);
  const events = answer.status === 200 ? payloads(answer.body) : [];
  const parsed = events.filter((event) => event !== '[DONE]').map((event) => JSON.parse(event));
  const finished = parsed.filter((chunk) => chunk.choices && chunk.choices[0]
    && chunk.choices[0].finish_reason);
  check(answer, {
    'status is 200': (r) => r.status === 200,
    'it is an event stream': (r) =>
      (r.headers['Content-Type'] || '').startsWith('text/event-stream'),
    'usage was sent, as asked': () => parsed.some((chunk) => chunk.usage),
  });
  whole.add(events[events.length - 1] === '[DONE]' && finished.length === 1
    && !parsed.some((chunk) => chunk.error));
  chunks.add(parsed.length);
  seconds.add(answer.timings.duration / 1000);
}
