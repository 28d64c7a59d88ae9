"""VBA projects as oletools reads them; it uses older names of a parser's functions, which warn."""

import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser, decompress_stream


def sources(file: Path | bytes) -> dict[str, str]:
    """Return the source of each module, by the name of the file it would be exported to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        reader = VBA_Parser("vbaProject.bin", data=file) if isinstance(file, bytes) else VBA_Parser(str(file))
        try:
            return {name: code for _, _, name, code in reader.extract_all_macros()}
        finally:
            reader.close()


def unpacked(stream: bytes) -> bytes:
    """Return the text of a compressed container."""
    return bytes(decompress_stream(bytearray(stream)))
