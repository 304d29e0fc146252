"""Reads a TMX with libraries that others wrote, and prints what each of them found.

    readers.py --which                      names of the readers that are installed, one a line
    readers.py READER FILE SOURCE TARGET    a JSON array of [source text, target text], one a unit, in file order

Every reader is as strict as it is by default; an error ends the program with its message.
"""

import json
import sys


def translate_toolkit(path, source, target):
    from translate.storage.tmx import tmxfile

    with open(path, "rb") as file:
        units = tmxfile(file, source, target).units
    return [[unit.source, unit.target] for unit in units]


def lokit(path, source, target):
    from lokit import parse

    # Placeholders of programs (`%s`, `{name}`) would be taken out of the text.
    read = parse.tmx(path, source, target, progress=False, runtime_placeholders=False, inline_placeholders=False)
    # A unit's text stands under its language, in `target` where only one was asked for.
    rows = []
    for unit in read.data.values():
        found = unit.targets[target].text if unit.targets else unit.target
        rows.append([unit.source, getattr(found, "text", found)])
    return rows


def tmxutil(path, source, target):
    from tmxutil.formats.tmx import TMXReader

    with open(path, "rb") as file:
        units = list(TMXReader(file).records())
    return [[unit.translations[source].text, unit.translations[target].text] for unit in units]


def hypomnema(path, source, target):
    import xml.etree.ElementTree as tree

    import hypomnema as hm

    root = tree.parse(path).getroot()
    memory = hm.Deserializer(backend=hm.StandardBackend()).deserialize(root)
    rows = []
    for unit in memory.body:
        text = {variant.lang: "".join(variant.content) for variant in unit.variants}
        rows.append([text[source], text[target]])
    return rows


# The reader, and the module that must be there for it.
READERS = {
    "translate-toolkit": (translate_toolkit, "translate.storage.tmx"),
    "lokit-python": (lokit, "lokit"),
    "tmxutil": (tmxutil, "tmxutil.formats.tmx"),
    "hypomnema": (hypomnema, "hypomnema"),
}


def installed(module):
    import importlib

    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def main(arguments):
    if arguments == ["--which"]:
        for name, (_, module) in READERS.items():
            if installed(module):
                print(name)
        return
    name, path, source, target = arguments
    rows = READERS[name][0](path, source, target)
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
