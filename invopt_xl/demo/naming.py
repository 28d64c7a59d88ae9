"""Readable names for products from the data's clipped, capital codes."""

from __future__ import annotations

import re

_WORDS = {
    "FRZN": "frozen",
    "FRZ": "frozen",
    "REFRIG": "refrigerated",
    "REFRGRATD": "refrigerated",
    "BRD": "bread",
    "BR": "bread",
    "CHOC": "chocolate",
    "CHOCOCLATE": "chocolate",
    "DNRS": "dinners",
    "MXS": "mixes",
    "MX": "mix",
    "PWDR": "powder",
    "CRYSTL": "crystal",
    "DRNK": "drink",
    "SFT": "soft",
    "VEG": "vegetables",
    "VEGS": "vegetables",
    "FLVRD": "flavoured",
    "PNT": "peanut",
    "BTR": "butter",
    "SW": "sweet",
    "GDS": "goods",
    "PKG": "packaged",
    "PCKGD": "packaged",
    "CHS": "cheese",
    "JCE": "juice",
    "HSHLD": "household",
    "DETERG": "detergent",
    "MW": "microwave",
    "BTL": "bottle",
    "MLT": "multi",
    "PK": "pack",
    "CARB": "carbonated",
    "EXCP": "except",
    "INCL": "including",
    "SHRED": "shredded",
    "GRND": "ground",
    "PTTY": "patty",
    "W": "with",
    "FRZ-IQF": "frozen",
    "BRKFST": "breakfast",
    "WHLSM": "wholesome",
    "PKGD": "packaged",
    "DRNKNG": "drinking",
    "DRINKING": "drinking",
    "MNRL": "mineral",
    "WAT": "water",
}
_CAPITALS = {"IWS", "HBC", "USDA", "TV", "LB", "OZ", "CT", "DZ", "GA", "ML", "PT", "QT", "KG"}
_LONGEST = 60


def department_name(code: str) -> str:
    """Return a department as one would write it.

    Examples
    --------
    >>> department_name("MEAT-PCKGD"), department_name("DRUG GM")
    ('Packaged meat', 'Drug and general merchandise')
    """
    special = {
        "MEAT-PCKGD": "Packaged meat",
        "SEAFOOD-PCKGD": "Packaged seafood",
        "DRUG GM": "Drug and general merchandise",
    }
    return special.get(code, code.capitalize())


def describe(category: str, kind: str, size: str | None) -> str:
    """Return a product's name from its category, type and package size.

    The category stands in brackets where it shares no word with the type and so adds something.

    Examples
    --------
    >>> describe("FLUID MILK PRODUCTS", "FLUID MILK WHITE ONLY", "1 GA")
    'Fluid milk white only, 1 GA'
    >>> describe("BEEF", "PRIMAL", None)
    'Primal (beef)'
    """
    name = _sentence(kind)
    group = _sentence(category).lower()
    if not _roots(name) & _roots(group) and len(name) + len(group) + 3 <= _LONGEST:
        name = f"{name} ({group})"
    package = re.sub(r"^([A-Z]|\([^)]*\))\s+", "", " ".join((size or "").split()))
    return f"{name}, {package}" if package else name


def _sentence(code: str) -> str:
    """Spell out clipped words, drop what was cut off in brackets, and write as a sentence."""
    text = re.sub(r"\s*\([^)]*$", "", code.strip())
    text = re.sub(r"[.]\s*|\s*:\s*", " ", text).replace("&", " & ").replace("/", " / ")
    words = [word if word in _CAPITALS else _WORDS.get(word, word.lower()) for word in text.split()]
    joined = " ".join(words).replace(" / ", "/").strip(" -")
    return joined[:1].upper() + joined[1:]


def _roots(text: str) -> set[str]:
    return {word[:4] for word in re.findall(r"[a-z]{3,}", text.lower())}
