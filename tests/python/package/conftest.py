"""These tests check the wheel as a file, its types and documentation, and the component. They run on one Python."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--wheel", help="the built wheel", required=True)


@pytest.fixture(scope="session")
def wheel(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("--wheel")).resolve()


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel, for PYTHONPATH."""
    import zipfile

    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
