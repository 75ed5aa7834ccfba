"""Each stage ships its own code and no other; third-party layers come from their locks."""

import shutil
import zipfile
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from infra import FUNCTIONS
from infra.bundles import ARM64, HOST, THIRD_PARTY, built, host_layers
from infra.catalogue import discover
from infra.errors import LayerNotBuilt
from infra.parts.code import stage_code
from tests.infra.reading import Assembly

MEGABYTE = 1_000_000


def test_a_stage_ships_its_own_package_and_nothing_else(dev: Assembly) -> None:
    stages = {entry.stage for entry in discover().functions.values()}
    shipped = set()
    for identity, what in dev.assets.items():
        if "/Function/Code" in what:
            folder = dev.folder / f"asset.{identity}"
            (stage,) = [item.name for item in folder.iterdir()]
            shipped.add(stage)
    assert shipped == stages


def test_no_asset_holds_compiled_code_or_anything_but_files_of_its_source(dev: Assembly) -> None:
    for folder in dev.folder.glob("asset.*"):
        assert not list(folder.rglob("__pycache__"))
        assert not list(folder.rglob("*.pyc"))


def test_editing_a_detector_changes_only_what_detect_ships(tmp_path: Path) -> None:
    edited = shutil.copytree(FUNCTIONS, tmp_path / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    with (edited / "detect" / "detectors" / "cloudwatch.py").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    stages = {entry.stage for entry in discover().functions.values()}
    changed = {stage for stage in stages if _shipped(stage, FUNCTIONS) != _shipped(stage, edited)}
    assert changed == {"detect"}


def test_the_policies_layer_holds_this_environments_modes_without_tests(dev: Assembly, prod: Assembly) -> None:
    for assembly, mode in ((dev, "automatic"), (prod, "observe")):
        root = _layer(assembly, "PoliciesLayer/Code") / "edsr_policies"
        policy = (root / "lambda-canary-rollback.json").read_text("utf-8")
        assert f'"mode": "{mode}"' in policy
        assert '"tests"' not in policy
        assert "${" not in (root / "services" / "checkout.json").read_text("utf-8")
        assert (root / "catalogue.json").is_file()


def test_the_deps_layer_is_as_small_as_promised(tmp_path: Path) -> None:
    layer = built("deps")
    files = [file for file in layer.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 16 * MEGABYTE
    packed = tmp_path / "deps.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(layer))
    assert packed.stat().st_size <= 6 * MEGABYTE


def test_the_layers_of_a_function_fit_what_lambda_unpacks() -> None:
    size = sum(file.stat().st_size for name in THIRD_PARTY for file in built(name).rglob("*") if file.is_file())
    assert size < 200 * MEGABYTE


def test_the_layers_are_built_for_lambda_and_say_nothing_of_who_installed_them() -> None:
    libraries = list(built("deps").rglob("*.so"))
    assert libraries
    assert all("aarch64" in library.name for library in libraries)
    for name in THIRD_PARTY:
        assert not list(built(name).rglob("RECORD"))
        assert not list(built(name).rglob("INSTALLER"))


def test_the_sdk_layer_does_not_repeat_what_the_deps_layer_has() -> None:
    deps, sdk = ({item.name for item in (built(name) / "python").iterdir()} for name in THIRD_PARTY)
    assert "botocore" in sdk
    assert not deps & sdk


def test_the_sandbox_finds_a_layer_for_this_host_for_every_one_that_is_deployed(dev: Assembly) -> None:
    deployed = {identity for identity, what in dev.assets.items() if what in ("DepsLayer/Code", "SdkLayer/Code")}
    assert set(host_layers()) == deployed
    assert all((folder / "python").is_dir() for folder in host_layers().values())


def test_a_layer_that_was_not_built_says_what_to_run(tmp_path: Path) -> None:
    for target in (ARM64, HOST):
        with pytest.raises(LayerNotBuilt, match=r"build/layers/deps-.*run `python -m infra\.bundles`"):
            built("deps", target, tmp_path / "build")


def _shipped(stage: str, functions: Path) -> str:
    """The name that the content of a stage's code gives it."""
    location = stage_code(stage, functions).bind(Stack(App(), "Any")).s3_location
    assert location
    return location.object_key


def _layer(assembly: Assembly, what: str) -> Path:
    (identity,) = [identity for identity, name in assembly.assets.items() if name == what]
    return assembly.folder / f"asset.{identity}" / "python"
