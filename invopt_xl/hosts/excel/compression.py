"""How VBA source text is packed ([MS-OVBA] 2.4.1): chunks of 4,096 bytes, each as literals and copies from before."""

from __future__ import annotations

CHUNK = 4096
_LONGEST_SEARCH = 24
"""Earlier places that are compared; a few find nearly the longest copy."""


def compressed(text: bytes) -> bytes:
    """Return text as a compressed container.

    Raises
    ------
    ValueError
        If its end is so irregular that the format has no room for it; no source text is.
    """
    chunks = [text[begin : begin + CHUNK] for begin in range(0, len(text), CHUNK)]
    return b"\x01" + b"".join(_chunk(each) for each in chunks)


def _chunk(text: bytes) -> bytes:
    packed = _tokens(text)
    if len(packed) > CHUNK:
        if len(text) < CHUNK:
            raise ValueError(f"{len(text)} bytes without any repetition cannot be packed")
        return _header(CHUNK, False) + text
    return _header(len(packed), True) + packed


def _header(size: int, packed: bool) -> bytes:
    """Return the size with its own two bytes, less three; a signature; and whether tokens follow."""
    return ((size + 2 - 3) | 0b011 << 12 | packed << 15).to_bytes(2, "little")


def _tokens(text: bytes) -> bytes:
    """Return groups of eight tokens, each group after a byte that says which of them are copies."""
    packed = bytearray()
    places: dict[bytes, list[int]] = {}
    position = 0
    while position < len(text):
        flags, group = 0, bytearray()
        for bit in range(8):
            if position >= len(text):
                break
            length, distance = _longest(text, position, places)
            if length >= 3:
                group += _copy(position, distance, length)
                flags |= 1 << bit
            else:
                length = 1
                group.append(text[position])
            for place in range(position, position + length):
                places.setdefault(text[place : place + 3], []).append(place)
            position += length
        packed.append(flags)
        packed += group
    return bytes(packed)


def _longest(text: bytes, position: int, places: dict[bytes, list[int]]) -> tuple[int, int]:
    """Return length and distance of the longest copy from before."""
    most = min(len(text) - position, (0xFFFF >> _distance_bits(position)) + 3)
    found = (0, 0)
    for place in reversed(places.get(text[position : position + 3], [])[-_LONGEST_SEARCH:]):
        length = 0
        while length < most and text[place + length] == text[position + length]:
            length += 1
        if length > found[0]:
            found = length, position - place
    return found


def _copy(position: int, distance: int, length: int) -> bytes:
    return ((distance - 1) << (16 - _distance_bits(position)) | (length - 3)).to_bytes(2, "little")


def _distance_bits(position: int) -> int:
    """Return how many of a copy's 16 bits say the distance: as many as it takes to reach the chunk's begin."""
    return max(4, (position - 1).bit_length())


def unpacked(container: bytes) -> bytes:
    """Return the text of a compressed container.

    Examples
    --------
    >>> unpacked(compressed(b"as it was, as it was"))
    b'as it was, as it was'

    Raises
    ------
    ValueError
        If it is none.
    """
    if container[:1] != b"\x01":
        raise ValueError("a compressed container begins with 1")
    text, place = bytearray(), 1
    while place + 2 <= len(container):
        header = int.from_bytes(container[place : place + 2], "little")
        end = place + (header & 0xFFF) + 3
        chunk = container[place + 2 : end]
        text += _text(chunk) if header >> 15 else chunk
        place = end
    return bytes(text)


def _text(tokens: bytes) -> bytes:
    """Return what the tokens of a chunk stand for."""
    text, place = bytearray(), 0
    while place < len(tokens):
        flags = tokens[place]
        place += 1
        for bit in range(8):
            if place >= len(tokens):
                break
            if not flags >> bit & 1:
                text.append(tokens[place])
                place += 1
                continue
            copy = int.from_bytes(tokens[place : place + 2], "little")
            place += 2
            bits = _distance_bits(len(text))
            distance, length = (copy >> (16 - bits)) + 1, (copy & (0xFFFF >> bits)) + 3
            if distance > len(text):
                raise ValueError("a copy from before the begin")
            for _ in range(length):
                text.append(text[-distance])
    return bytes(text)
