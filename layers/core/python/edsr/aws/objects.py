"""Objects of S3 that are written once: a repetition finds what the first has written."""

from edsr.ports import Client


def put_once(s3: Client, bucket: str, key: str, body: bytes, content_type: str) -> bool:
    """Write an object; False when one of this name is there already, which stays. Raises botocore's errors."""
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
    except s3.exceptions.ClientError as exc:
        if exc.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return False
    return True
