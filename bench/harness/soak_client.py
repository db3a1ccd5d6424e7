# SPDX-License-Identifier: MIT
"""Clients of the fault soak: what they ask, and what they make of what comes back."""
import asyncio
import json
import random
import struct
import socket
import urllib.parse

KEY = "sk-soak-0123456789abcdef"
WORDS = ("plain", "ünïcode", "\"quoted\"", "back\\slash", "new\nline", "emoji😀", "[DONE]", "data:")
# What a provider does to one request; `times=1` leaves the attempts after the first alone.
FAULTS = (
    "status=500", "status=503", "error=overloaded", "error=rate_limit,retry_after=1", "html",
    "error=invalid_request", "error=authentication", "error_body", "malformed_head",
    "malformed_chunk=3", "error_at_chunk=4", "no_done", "no_finish", "cut", "reset", "stall",
    "half", "cut_at=300", "reset_at=300", "stall_at=300", "delay_ms=4000", "chunk_delay_ms=30",
    "split_bytes=5,split_delay_ms=1")
SLOW = ("chunk_delay_ms=30", "split_bytes=5,split_delay_ms=1")


class Request:
    """One request in one of three APIs, for an answer whose words are known beforehand."""

    def __init__(self, number, models, share, draw=random):
        self.number, self.model = number, draw.choice(models)
        self.api = draw.choice(("chat", "chat", "messages", "gemini"))
        self.stream = draw.random() < 0.6
        self.words = f"w{number} " + " ".join(
            draw.choice(WORDS) for _ in range(draw.randrange(1, 60)))
        self.fault = draw.choice(FAULTS) if draw.random() < share else ""
        self.leaves = draw.randrange(0, 1500) if draw.random() < share / 4 else None
        script = "text=" + urllib.parse.quote(self.words, safe="") + ",chunk_tokens=3"
        if self.fault:
            script += "," + self.fault
            if draw.random() < 0.5:
                script += f",times=1,id=r{number}"
        # Without its script a fake repeats the prompt in a sentence of its own.
        self.otherwise = f"please-r{number}-please" if "times=1" in script else None
        self.prompt = f"please-r{number}-please [[script:{script}]]"

    def data(self):
        path, lines = "/v1/chat/completions", [f"Authorization: Bearer {KEY}"]
        body = {"model": self.model, "messages": [{"role": "user", "content": self.prompt}]}
        if self.api == "messages":
            path, body["max_tokens"] = "/v1/messages", 4000
            lines = [f"x-api-key: {KEY}", "anthropic-version: 2023-06-01"]
        if self.api == "gemini":
            path = f"/v1beta/models/{self.model}:" + (
                "streamGenerateContent?alt=sse" if self.stream else "generateContent")
            lines = [f"x-goog-api-key: {KEY}"]
            body = {"contents": [{"role": "user", "parts": [{"text": self.prompt}]}]}
        elif self.stream:
            body["stream"] = True
        text = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", "Host: soak", "Content-Type: application/json",
                f"Content-Length: {len(text)}", *lines]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + text

    def classify(self, answer):
        """(class, detail): `good`, `error`, `broken`, or `lie` for everything that is none."""
        status, kind, body, whole = answer
        if not whole:
            return ("broken", "") if status < 400 else ("lie", "half an error")
        if status >= 400:
            return self._error(body, status)
        if self.stream != kind.startswith("text/event-stream"):
            return "lie", f"{status} {kind}"
        try:
            text, ended, error = self._stream(body) if self.stream else self._whole(body)
        except (ValueError, KeyError, IndexError, TypeError) as problem:
            return "lie", f"{problem!r}: {body[-200:]!r}"
        if error and ended:
            return "lie", "a good end and an error"
        if error:
            is_ours = self.words.startswith(text) or self.otherwise
            return ("error", "event") if is_ours else ("lie", f"other words: {text[:100]!r}")
        if not ended:
            return "lie", f"an end that is none: {body[-200:]!r}"
        if text == self.words or self.otherwise and f'"{self.otherwise}"' in text:
            return "good", ""
        return "lie", f"other words: {text[:100]!r}"

    def _error(self, body, status):
        try:
            error = json.loads(body)["error"]
            form = {"chat": "type", "messages": "type", "gemini": "status"}[self.api]
            if error["message"] and error[form]:
                return "error", str(status)
        except (ValueError, KeyError, TypeError):
            pass
        return "lie", f"{status} {body[:200]!r}"

    def _whole(self, body):
        value = json.loads(body)
        if self.api == "chat":
            choice = value["choices"][0]
            return choice["message"]["content"], choice["finish_reason"] is not None, False
        if self.api == "messages":
            text = "".join(block.get("text", "") for block in value["content"])
            return text, value["stop_reason"] is not None, False
        candidate = value["candidates"][0]
        text = "".join(part.get("text", "") for part in candidate["content"]["parts"])
        return text, "finishReason" in candidate, False

    def _stream(self, body):
        text, ended, error, finished = "", False, False, False
        events = body.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
        for event in events:
            data = "\n".join(line[5:].lstrip(" ") for line in event.split("\n")
                             if line.startswith("data:"))
            if not data:
                continue
            if ended or error:
                raise ValueError("an event behind the end")
            if data == "[DONE]":
                ended = finished
                continue
            value = json.loads(data)
            if "error" in value:
                error = True
            elif self.api == "chat":
                for choice in value["choices"]:
                    text += choice["delta"].get("content") or ""
                    finished = finished or choice["finish_reason"] is not None
            elif self.api == "messages":
                text += value.get("delta", {}).get("text", "")
                ended = value["type"] == "message_stop"
            else:
                for part in value["candidates"][0].get("content", {}).get("parts", []):
                    text += part.get("text", "")
                finished = finished or "finishReason" in value["candidates"][0]
        return text, ended or (self.api == "gemini" and finished), error


class Pool:
    """Connections to the gateway, used again where they were left in order."""

    def __init__(self, port):
        self.port, self.idle = port, []

    async def ask(self, request, seconds):
        """(status, content type, body, whether it came whole); None for a client that left."""
        fresh = not self.idle
        connection = self.idle.pop() if self.idle else await self._open()
        try:
            return await asyncio.wait_for(self._exchange(connection, request), seconds)
        except (ConnectionError, asyncio.IncompleteReadError) as problem:
            connection[1].close()
            if not fresh and not getattr(problem, "has_begun", False):
                self.idle, idle = [], self.idle
                for _, writer in idle:
                    writer.close()
                return await self.ask(request, seconds)
            return 0, "", b"", False
        except BaseException:
            connection[1].close()
            raise

    async def _open(self):
        return await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)

    async def _exchange(self, connection, request):
        reader, writer = connection
        writer.write(request.data())
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        body = bytearray()
        try:
            left = await self._body(reader, fields, body, request.leaves)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()
            return status, fields.get("content-type", ""), bytes(body), False
        if left:
            if request.number % 2:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.close()
            return None
        if fields.get("connection") == "close":
            writer.close()
        else:
            self.idle.append(connection)
        return status, fields.get("content-type", ""), bytes(body), True

    async def _body(self, reader, fields, body, leaves):
        """Whether the client left before the end."""
        if "content-length" in fields:
            body += await reader.readexactly(int(fields["content-length"]))
            return leaves is not None
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                return leaves is not None
            if leaves is not None and len(body) > leaves:
                return True

    def close(self):
        for _, writer in self.idle:
            writer.close()
        self.idle = []
