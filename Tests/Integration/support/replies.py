# SPDX-License-Identifier: MIT
"""Replies of the scripted upstream: honest OpenAI answers, and every way to get them wrong.

A reply is an `async` function of an `Exchange`; the functions here make them.
"""
import asyncio
import base64
import json
import struct

MODEL = "gpt-4o-mini-2024-07-18"
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
PROVIDER_HEADERS = {
    "openai-organization": "org-test", "openai-processing-ms": "7",
    "x-ratelimit-remaining-requests": "99", "x-request-id": "req_upstream_1",
}


def head(status, headers, length=None):
    reasons = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error"}
    lines = [f"HTTP/1.1 {status} {reasons.get(status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if length is not None:
        lines.append(f"content-length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def json_response(status, value, headers=None):
    body = json.dumps(value).encode()
    fields = {"content-type": "application/json", **PROVIDER_HEADERS, **(headers or {})}
    return head(status, fields, len(body)) + body


def error_object(message="scripted failure", kind="server_error", code=None):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def chat_completion(content="Hello there, friend", **more):
    message = {"role": "assistant", "content": content, "refusal": None, **more}
    return {
        "id": "chatcmpl-test", "object": "chat.completion", "created": 1750000000, "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": USAGE, "system_fingerprint": "fp_test"}


def text_completion():
    return {
        "id": "cmpl-test", "object": "text_completion", "created": 1750000000, "model": MODEL,
        "choices": [{"index": 0, "text": " once upon", "logprobs": None,
                     "finish_reason": "length"}],
        "usage": USAGE}


def embeddings(request):
    given = request.get("input", "")
    several = isinstance(given, list) and given and not isinstance(given[0], int)
    texts = given if several else [given]
    vector = [0.25, -0.5, 0.125]
    if request.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack("<3f", *vector)).decode()
    data = [{"object": "embedding", "index": index, "embedding": vector}
            for index in range(len(texts))]
    return {"object": "list", "data": data, "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 4, "total_tokens": 4}}


def chunk(delta=None, finish=None, **more):
    choices = [] if delta is None else [
        {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    return {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1750000000,
            "model": MODEL, "system_fingerprint": "fp_test", "choices": choices, **more}


def event(value):
    data = value if isinstance(value, str) else json.dumps(value)
    return f"data: {data}\n\n".encode()


def stream_events(tokens=("Hello", " there", ","), usage=False):
    """The events of an honest stream, as bytes each."""
    more = {"usage": None} if usage else {}
    events = [event(chunk({"role": "assistant", "content": "", "refusal": None}, **more))]
    events += [event(chunk({"content": token}, **more)) for token in tokens]
    events.append(event(chunk({}, "stop", **more)))
    if usage:
        events.append(event(chunk(usage=USAGE)))
    return events + [event("[DONE]")]


STREAM_HEAD = head(200, {
    "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache",
    "transfer-encoding": "chunked", **PROVIDER_HEADERS})


def chunked(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def stream_bytes(tokens=("Hello", " there", ","), usage=False):
    """A whole honest stream: head, chunks and the last chunk."""
    body = b"".join(chunked(one) for one in stream_events(tokens, usage))
    return STREAM_HEAD + body + b"0\r\n\r\n"


def usage_wanted(request):
    return bool((request.get("stream_options") or {}).get("include_usage"))


def honest(tokens=("Hello", " there", ","), delay=0.0, latency=0.0):
    """The right answer for the path asked."""
    async def reply(exchange):
        await asyncio.sleep(latency)
        path = exchange.request.path
        request = exchange.request.json() if exchange.request.body else {}
        if path.endswith("/embeddings"):
            return await exchange.send(json_response(200, embeddings(request)))
        if not path.endswith("/chat/completions"):
            return await exchange.send(json_response(200, text_completion()))
        if not request.get("stream"):
            content = "".join(tokens)
            return await exchange.send(json_response(200, chat_completion(content)))
        await exchange.send(STREAM_HEAD)
        for one in stream_events(tokens, usage_wanted(request)):
            await exchange.send(chunked(one))
            await asyncio.sleep(delay)
        await exchange.send(b"0\r\n\r\n")
    return reply


def status(code, value=None, headers=None):
    async def reply(exchange):
        await exchange.send(json_response(code, value or error_object(), headers))
    return reply


def raw(data, end="keep"):
    """Exactly these bytes, then `keep`, `close`, `reset`, or `hang` until the gateway leaves."""
    async def reply(exchange):
        if data:
            await exchange.send(data)
        if end == "close":
            exchange.close()
        elif end == "reset":
            await asyncio.sleep(0.02)
            exchange.reset()
        elif end == "hang":
            await exchange.wait_for_leaving()
    return reply


def pieces(parts, delay=0.002, end="keep"):
    """The same, in several writes apart in time."""
    async def reply(exchange):
        for part in parts:
            await exchange.send(part)
            await asyncio.sleep(delay)
        await raw(b"", end)(exchange)
    return reply


def endless_stream(delay=0.01):
    """Content for as long as the gateway listens."""
    async def reply(exchange):
        await exchange.send(STREAM_HEAD + chunked(stream_events()[0]))
        watch = asyncio.ensure_future(exchange.wait_for_leaving())
        while not watch.done():
            try:
                await exchange.send(chunked(event(chunk({"content": " more"}))))
            except (ConnectionError, OSError):
                exchange.case.gone.set()
                break
            await asyncio.sleep(delay)
        watch.cancel()
        exchange.keep = False
    return reply


def html(code=502):
    page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    return raw(head(code, {"content-type": "text/html"}, len(page)) + page)
