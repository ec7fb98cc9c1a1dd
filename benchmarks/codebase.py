"""Figures of the code itself: `python benchmarks/codebase.py [CHECKOUT]` prints sizes and counts of the package in a checkout.

Modules, loose modules at the top, lengths of functions, public functions with a docstring, uses of `dict[str, Any]` and `noqa`, and the
size of the environment that runs it. For a comparison, check another commit out beside this one and name that folder.
"""

from __future__ import annotations

import ast
import statistics
import sys
from importlib import metadata
from pathlib import Path


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def public(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions of the module and methods of its classes that others may call."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.append(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
    return [node for node in found if not node.name.startswith("_")]


def figures(package: Path) -> dict[str, object]:
    """What is counted, by what it is called."""
    sources = {path: path.read_text("utf-8") for path in sorted(package.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in sources.items()}
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in trees.values()
        for node in functions(tree)
    )
    open_to_all = [node for tree in trees.values() for node in public(tree)]
    documented = sum(ast.get_docstring(node) is not None for node in open_to_all)
    loose = [path for path in package.glob("*.py") if path.name not in {"__init__.py", "__main__.py"}]
    return {
        "modules": sum(path.name != "__init__.py" for path in sources),
        "loose modules at the top": len(loose),
        "lines": sum(text.count("\n") for text in sources.values()),
        "functions": len(lengths),
        "lines of a function: median": statistics.median(lengths),
        "lines of a function: 90 %": lengths[int(0.9 * len(lengths))],
        "lines of a function: longest": lengths[-1],
        "public functions with a docstring": f"{documented} of {len(open_to_all)}",
        "dict[str, Any]": sum(text.count("dict[str, Any]") for text in sources.values()),
        "noqa": sum(text.count("# noqa") for text in sources.values()),
    }


def environment() -> dict[str, object]:
    """What is installed where this runs; a fresh one has what the package needs and pip."""
    site = Path(sys.prefix)
    size = sum(path.lstat().st_size for path in site.rglob("*") if path.is_file() and not path.is_symlink())
    return {"environment, MB": size // 1_000_000, "packages in it": len(list(metadata.distributions()))}


def main() -> None:
    checkout = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    for what, figure in {**figures(checkout / "drumwatch"), **environment()}.items():
        print(f"{what:<36} {figure}")


if __name__ == "__main__":
    main()
