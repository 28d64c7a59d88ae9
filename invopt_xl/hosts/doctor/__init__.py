"""What is well and what is not, with what to do: interpreter, packages, office programs, function service, cache, log.

Every check stands on its own and works where nothing is installed; one that stumbles is a finding too.
"""

from collections.abc import Iterator

from invopt_xl.hosts.doctor.findings import Finding, guarded

__all__ = ["Finding", "examine"]


def examine() -> Iterator[Finding]:
    """Yield what is found, check by check."""
    from invopt_xl.hosts.doctor import excel, libreoffice, python, service

    for area, check in (
        ("Python", python.interpreter),
        ("Python", python.packages),
        ("Python", python.extras),
        ("Excel", excel.examine_here),
        ("LibreOffice", libreoffice.examine_here),
        ("Function service", service.function_service),
        ("Function service", service.log),
        ("Cache", service.cache),
    ):
        yield from guarded(area, check)
