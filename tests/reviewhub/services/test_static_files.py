from __future__ import annotations

from pathlib import Path

from reviewhub.services.static_files import collect_if_changed


def test_it_collects_when_a_file_has_changed_and_only_then(tmp_path: Path) -> None:
    source, var = tmp_path / "source", tmp_path
    (source / "static").mkdir(parents=True)
    style = source / "static" / "app.css"
    commands: list[tuple[str, ...]] = []

    def collect() -> str:
        return collect_if_changed(var, source=source, manage=lambda *args: commands.append(args))

    style.write_text("a {}")
    assert collect() == "collected"
    assert collect() == "unchanged"
    style.write_text("b {}")
    assert collect() == "collected"
    assert [command[0] for command in commands] == ["collectstatic"] * 2
