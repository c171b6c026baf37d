"""What is wrong with an image, a file, or the place where it lies."""

from __future__ import annotations

from reviewhub.common.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    ReviewHubError,
    TooLarge,
    Unavailable,
)


class BrokenImage(InvalidInput):
    code = "broken_image"
    title = "The image is damaged or cut off"


class UnsupportedImage(InvalidInput):
    """`expected` lists the formats that are taken; the name of the file never counts."""

    code = "unsupported_image"
    status = 415
    title = "The file is not a PNG, JPEG or WebP image"


class ImageTooLarge(TooLarge):
    """`limit` says how many bytes or pixels are taken."""

    code = "image_too_large"
    title = "The image is too large"


class ImageMissing(NotFound):
    """The row is there and the file is not: erased, or storage lost it."""

    code = "image_missing"
    title = "The image is not in storage"


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"
    title = "The image storage cannot be reached; try again"


class UnknownUpload(NotFound):
    code = "unknown_upload"
    title = "No such upload was asked for"


class UploadExpired(ReviewHubError):
    code = "upload_expired"
    status = 410
    title = "The time for this upload is over: ask for another one"


class UploadMissing(Conflict):
    code = "upload_missing"
    title = "Nothing has been uploaded yet"


class UploadUsed(Conflict):
    code = "upload_used"
    title = "This upload has been used: ask for another one"


class UploadRefused(Forbidden):
    code = "upload_refused"
    title = "The policy of this upload is not one of ours"


class TooManyAddresses(TooLarge):
    """`limit` says how many addresses one call may name."""

    code = "too_many_addresses"
    title = "The call names too many addresses to fetch images from"


class ImportPathInvalid(InvalidInput):
    code = "import_path_invalid"
    title = "A path of an import stays below its project's folder"


class UnknownManifest(NotFound):
    """`expected` says where it would be."""

    code = "unknown_manifest"
    title = "There is no manifest under this prefix"
