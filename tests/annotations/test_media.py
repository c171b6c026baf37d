"""Real files on disk; what a client may send, from a photograph to a bomb."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from annotations import media
from annotations.domain.pixels import ImageLimits
from annotations.errors import (
    BrokenImage,
    ImageMissing,
    ImageTooLarge,
    StorageUnavailable,
    UnsupportedImage,
)
from reviewhub.common.errors import ReviewHubError

PROJECT = UUID("0190a6b0-7c00-7000-8000-000000000001")
RED, BLUE = (220, 30, 30), (30, 30, 220)


@pytest.fixture(autouse=True)
def stores(settings, tmp_path) -> SimpleNamespace:
    roots = SimpleNamespace(originals=tmp_path / "originals", derivatives=tmp_path / "derivatives")
    settings.STORAGES = {
        **settings.STORAGES,
        **{alias: on_disk(root) for alias, root in vars(roots).items()},
    }
    return roots


def on_disk(root: Path) -> dict:
    backend = "reviewhub.file_storage.AtomicFileSystemStorage"
    return {"BACKEND": backend, "OPTIONS": {"location": str(root)}}


# Pillow warns of EXIF it cannot read; in a running system that is a line in the log, no more.
unreadable_exif_is_told = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def two_halves(width=300, height=200):
    """Red on the left, blue on the right, so that turns and mirrors show."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photograph(size=(300, 300)):
    noise = np.random.default_rng(7).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(noise)


def store(data, **options):
    return media.store_image(data, project_uid=PROJECT, **options)


def shown(stored, variant="display"):
    content, _ = media.read_variant(stored, variant)
    return Image.open(io.BytesIO(content))


def near(pixel, colour):
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


# --- works ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_facts_come_from_the_content(kind):
    data = encoded(two_halves(), kind)
    facts = media.inspect(data)
    assert (facts.width, facts.height, facts.format) == (300, 200, kind)
    assert (facts.byte_size, facts.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_original_is_kept_as_sent_and_people_get_derivatives(stores):
    data = encoded(two_halves(3000, 2000), "JPEG")
    stored = store(data)
    assert (stores.originals / str(PROJECT) / stored.sha256).read_bytes() == data
    assert files(stores.originals) == {stored.original_key}
    assert files(stores.derivatives) == {stored.display_key, stored.thumbnail_key}
    assert (stored.width, stored.height) == (3000, 2000)
    for variant, size in (("display", (2048, 1365)), ("thumbnail", (256, 171))):
        image = shown(stored, variant)
        assert (image.format, image.size) == ("WEBP", size)
        assert near(image.getpixel((0, 0)), RED)
        assert near(image.getpixel((size[0] - 1, 0)), BLUE)


def test_a_small_image_is_never_enlarged():
    stored = store(encoded(two_halves(40, 20)))
    assert shown(stored).size == shown(stored, "thumbnail").size == (40, 20)


def test_a_very_narrow_image_keeps_a_pixel():
    assert shown(store(encoded(Image.new("L", (5000, 1)))), "thumbnail").size == (256, 1)


def test_learning_reads_the_full_pixels():
    image = photograph()
    original = media.open_original(store(encoded(image)))
    assert original.mode == "RGB"
    assert np.array_equal(np.asarray(original), np.asarray(image))


def test_gps_and_every_other_metadata_is_gone_from_what_is_served(stores):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ms Example"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 30.0)
    data = encoded(two_halves(), "JPEG", exif=exif, comment=b"secret", icc_profile=b"p" * 200)
    assert b"Ms Example" in data
    stored = store(data)
    for variant in ("display", "thumbnail"):
        image = shown(stored, variant)
        assert not image.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
        content, kind = media.read_variant(stored, variant)
        assert kind == "image/webp"
        assert b"Example" not in content
        assert b"secret" not in content
    assert media.open_original(stored).info == {}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied_everywhere(orientation):
    upright = two_halves(60, 40)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = store(encoded(turned, "PNG", exif=exif))
    assert (stored.width, stored.height) == (60, 40)
    assert np.array_equal(np.asarray(media.open_original(stored)), np.asarray(upright))
    assert near(shown(stored).getpixel((2, 20)), RED)
    assert near(shown(stored).getpixel((57, 20)), BLUE)


def test_sixteen_bit_greys_keep_the_full_range():
    levels = np.array([[0, 128, 129, 25_700, 65_535]], dtype=np.uint16)
    stored = store(encoded(Image.fromarray(levels)))
    grey = np.asarray(media.open_original(stored))[0, :, 0]
    assert grey.tolist() == [0, 0, 1, 100, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_colour_mode_becomes_rgb(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    stored = store(encoded(Image.new("RGB", (30, 30), "white").convert(mode), kind))
    original = media.open_original(stored)
    assert original.mode == "RGB"
    assert near(original.getpixel((5, 5)), (255, 255, 255))


def test_a_palette_with_alpha_lies_on_white():
    image = Image.new("P", (20, 10), 0)
    image.putpalette([200, 0, 0, 0, 0, 200])
    image.paste(1, (10, 0, 20, 10))
    stored = store(encoded(image, transparency=bytes([0, 255])))
    original = media.open_original(stored)
    assert original.getpixel((0, 0)) == (255, 255, 255)
    assert original.getpixel((19, 0)) == (0, 0, 200)


def test_a_polyglot_survives_in_no_derivative():
    payload = b"<script>alert(1)</script>PK\x03\x04"
    stored = store(encoded(two_halves(), "JPEG") + payload)
    for variant in ("display", "thumbnail"):
        content, _ = media.read_variant(stored, variant)
        assert payload not in content
        assert b"<script" not in content


def test_a_phone_s_jpeg_with_previews_behind_it_is_its_photograph():
    data = encoded(two_halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    stored = store(data)
    assert (stored.format, stored.width, stored.height) == ("JPEG", 300, 200)
    assert near(shown(stored).getpixel((0, 0)), RED)


def written(path: Path) -> tuple[int, int, int]:
    """What writing changes; reading may change the time of last access."""
    state = path.stat()
    return state.st_ino, state.st_mtime_ns, state.st_size


def test_the_same_content_again_writes_nothing(stores):
    data = encoded(two_halves())
    first = store(data)
    before = {path: written(path) for path in stores.originals.parent.rglob("*") if path.is_file()}
    assert len(before) == 3
    assert store(data) == first
    assert {path: written(path) for path in before} == before
    assert len(files(stores.originals.parent)) == 3


def test_the_same_content_in_another_project_is_a_file_of_its_own(stores):
    data = encoded(two_halves())
    other = media.store_image(data, project_uid=UUID(int=1))
    media.delete(store(data))
    assert files(stores.originals) == {other.original_key}
    assert media.open_original(other).size == (300, 200)


def test_all_pixels_of_a_large_original_are_made_when_first_asked_for(stores, monkeypatch):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Ms Example"
    payload = b"<script>alert(1)</script>"
    stored = store(encoded(two_halves(3000, 2000), "JPEG", exif=exif) + payload)
    assert len(files(stores.derivatives)) == 2

    content, kind = media.read_variant(stored, "full")

    image = Image.open(io.BytesIO(content))
    assert (kind, image.format, image.size) == ("image/jpeg", "JPEG", (2000, 3000))
    assert not image.getexif()
    assert payload not in content
    assert near(image.getpixel((1000, 10)), RED)
    assert near(image.getpixel((1000, 2990)), BLUE)
    monkeypatch.setattr(media, "open_original", lambda _: pytest.fail("it was made twice"))
    assert media.read_variant(stored, "full")[0] == content
    media.delete(stored)
    assert not files(stores.originals.parent)


def test_a_small_original_has_no_more_pixels_than_its_display():
    with pytest.raises(ImageMissing):
        media.read_variant(store(encoded(two_halves(2048, 8))), "full")


def test_a_large_noisy_picture_can_be_shown_in_full():
    stored = store(encoded(photograph((4200, 3200)), "JPEG", quality=30))
    content, _ = media.read_variant(stored, "full")
    assert Image.open(io.BytesIO(content)).size == (4200, 3200)


# --- refuses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"This is a text somebody named photo.jpg",
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n",
        encoded(Image.new("RGB", (8, 8)), "GIF"),
        encoded(Image.new("RGB", (8, 8)), "BMP"),
        encoded(Image.new("RGB", (8, 8)), "TIFF"),
    ],
    ids=["text", "nothing", "svg", "pdf", "gif", "bmp", "tiff"],
)
def test_what_is_no_png_jpeg_or_webp_is_refused_whatever_its_name(data, stores):
    with pytest.raises(UnsupportedImage) as caught:
        store(data)
    assert caught.value.data["expected"] == ["PNG", "JPEG", "WEBP"]
    assert not files(stores.originals.parent)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animation_is_refused(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedImage, match="animated"):
        media.inspect(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
def test_a_file_that_was_cut_off_is_broken(kind, part, stores):
    data = encoded(photograph(), kind)
    with pytest.raises(BrokenImage):
        store(data[: int(len(data) * part)])
    assert not files(stores.originals.parent)


def test_a_header_with_nothing_behind_it_is_broken():
    for data in (
        b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0nope",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
    ):
        with pytest.raises(BrokenImage):
            media.inspect(data)


def test_a_large_jpeg_that_was_cut_off_is_broken_though_it_is_decoded_small():
    data = encoded(photograph((1600, 1200)), "JPEG")
    for check in (media.inspect, store):
        with pytest.raises(BrokenImage):
            check(data[:-2000])


def test_a_png_with_a_flipped_bit_is_broken():
    data = bytearray(encoded(photograph()))
    data[len(data) // 2] ^= 1
    with pytest.raises(BrokenImage):
        media.inspect(bytes(data))


def bomb(side):
    """A black one-bit PNG: 12,000 pixels a side weigh 17.6 kB."""
    rows = zlib.compress(b"\0" * (side // 8 + 1) * side, 9)
    parts = (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", rows)
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (*parts, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("side", [8_000, 12_000, 20_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side, monkeypatch):
    data = bomb(side)
    assert len(data) < 50_000
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was unpacked"))
    with pytest.raises(ImageTooLarge) as caught:
        media.inspect(data)
    assert caught.value.data["limit"] == "50000000 pixels"


def test_limits_count_bytes_and_pixels():
    data = encoded(two_halves())
    with pytest.raises(ImageTooLarge, match="too large"):
        media.inspect(data, ImageLimits(max_bytes=len(data) - 1))
    with pytest.raises(ImageTooLarge):
        media.inspect(data, ImageLimits(max_pixels=300 * 200 - 1))
    assert media.inspect(data, ImageLimits(max_bytes=len(data), max_pixels=300 * 200))


@unreadable_exif_is_told
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_whatever_is_damaged_gets_facts_or_a_named_error(kind):
    """400 files each, damaged anywhere: no other exception ever leaves the decoder."""
    dice = random.Random(2)
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(photograph((24, 24)), kind, exif=exif)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(min(len(data), 200)) if dice.random() < 0.5 else -1
            data[at if at >= 0 else dice.randrange(len(data))] = dice.randrange(256)
        try:
            media.inspect(bytes(data[: dice.randint(len(data) // 2, len(data))]))
        except ReviewHubError as error:
            assert isinstance(error, BrokenImage | UnsupportedImage | ImageTooLarge)  # noqa: PT017


@unreadable_exif_is_told
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("exif", [b"II*\0\xff\xff\xff\x7f", b"not a TIFF at all", b"II"])
def test_unreadable_exif_is_no_reason_to_refuse_a_good_image(kind, exif):
    data = encoded(two_halves(), kind, exif=b"Exif\0\0" + exif)
    assert media.inspect(data).width == 300


def test_the_original_is_no_variant():
    stored = store(encoded(two_halves()))
    for variant in ("original", "", "../../etc/passwd"):
        with pytest.raises(ImageMissing):
            media.read_variant(stored, variant)


def test_a_deleted_image_is_missing_and_may_be_deleted_twice(stores):
    stored = store(encoded(two_halves()))
    media.delete(stored)
    media.delete(stored)
    assert not files(stores.originals.parent)
    with pytest.raises(ImageMissing):
        media.read_variant(stored, "display")
    with pytest.raises(ImageMissing):
        media.open_original(stored)


# --- faults ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["original_key", "display_key", "thumbnail_key"])
@pytest.mark.parametrize("damage", ["lost", "empty", "half"])
def test_a_try_that_died_half_way_is_repaired(name, damage, stores):
    data = encoded(photograph())
    stored = store(data)
    key = getattr(stored, name)
    root = stores.originals if name == "original_key" else stores.derivatives
    whole = (root / key).read_bytes()
    if damage == "lost":
        (root / key).unlink()
    else:
        (root / key).write_bytes(whole[: len(whole) // 2 if damage == "half" else 0])
    assert store(data) == stored
    assert (root / key).read_bytes() == whole
    assert len(files(stores.originals.parent)) == 3


def test_a_rival_with_the_same_content_leaves_one_file(stores, monkeypatch):
    data = encoded(two_halves())
    stored = store(data)
    # As if the rival had stored everything just after we looked.
    monkeypatch.setattr(media, "_missing", lambda keys, _: [keys.display_key, keys.original_key])
    assert store(data) == stored
    assert len(files(stores.originals.parent)) == 3


def test_a_storage_that_fails_is_named_and_the_retry_succeeds(stores, caplog):
    stores.originals.write_text("a file where the folder should be")
    data = encoded(two_halves())
    with pytest.raises(StorageUnavailable):
        store(data)
    assert "image storage failed" in caplog.text
    stores.originals.unlink()
    assert media.open_original(store(data)).size == (300, 200)
