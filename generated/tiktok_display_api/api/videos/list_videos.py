from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_envelope import ErrorEnvelope
from ...models.list_videos_request import ListVideosRequest
from ...models.video_field import VideoField
from ...models.video_page_envelope import VideoPageEnvelope
from ...types import UNSET, Response


def _get_kwargs(
    *,
    body: ListVideosRequest,
    fields: list[VideoField],
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_fields = []
    for fields_item_data in fields:
        fields_item = fields_item_data.value
        json_fields.append(fields_item)

    params["fields"] = ",".join(json_fields)

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v2/video/list/",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | VideoPageEnvelope | str:
    if response.status_code == 200:
        response_200 = VideoPageEnvelope.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorEnvelope.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorEnvelope.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = response.text
        return response_404

    if response.status_code == 429:
        response_429 = ErrorEnvelope.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ErrorEnvelope.from_dict(response.json())

        return response_500

    response_default = ErrorEnvelope.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorEnvelope | VideoPageEnvelope | str]:
    try:
        parsed = _parse_response(client=client, response=response)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise errors.UnexpectedBody(response.status_code, response.content) from error
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ListVideosRequest,
    fields: list[VideoField],
) -> Response[ErrorEnvelope | VideoPageEnvelope | str]:
    """List the creator's videos, newest first

     Answers one page. To walk the whole history, send no `cursor` first, then the `cursor` of each page
    for the
    next one, for as long as `has_more` is true. A page may be short or even empty while `has_more` is
    true: go
    on while the cursor strictly falls, and treat one that repeats or rises as a failure.

    Several videos may share a second, and whether the cursor's own moment is excluded was never
    verified. To lose
    none of them under either meaning, ask for the next page from the end of that second (the cursor
    rounded down
    to a whole second, plus 999 ms), and drop by `id` what comes again. Ask for 20 then: a page has to
    hold more
    videos than share the second, or the same cursor comes again.

    Args:
        fields (list[VideoField]): The fields each video shall carry, comma-separated in this one
            parameter: `fields=id,title`.
        body (ListVideosRequest): Which page of the history to answer, and how long it may be.

    Raises:
        errors.UnexpectedBody: If the body is not what the document describes for its status: HTML, cut JSON, a missing key.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | VideoPageEnvelope | str]
    """

    kwargs = _get_kwargs(
        body=body,
        fields=fields,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ListVideosRequest,
    fields: list[VideoField],
) -> ErrorEnvelope | VideoPageEnvelope | str | None:
    """List the creator's videos, newest first

     Answers one page. To walk the whole history, send no `cursor` first, then the `cursor` of each page
    for the
    next one, for as long as `has_more` is true. A page may be short or even empty while `has_more` is
    true: go
    on while the cursor strictly falls, and treat one that repeats or rises as a failure.

    Several videos may share a second, and whether the cursor's own moment is excluded was never
    verified. To lose
    none of them under either meaning, ask for the next page from the end of that second (the cursor
    rounded down
    to a whole second, plus 999 ms), and drop by `id` what comes again. Ask for 20 then: a page has to
    hold more
    videos than share the second, or the same cursor comes again.

    Args:
        fields (list[VideoField]): The fields each video shall carry, comma-separated in this one
            parameter: `fields=id,title`.
        body (ListVideosRequest): Which page of the history to answer, and how long it may be.

    Raises:
        errors.UnexpectedBody: If the body is not what the document describes for its status: HTML, cut JSON, a missing key.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | VideoPageEnvelope | str
    """

    return sync_detailed(
        client=client,
        body=body,
        fields=fields,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ListVideosRequest,
    fields: list[VideoField],
) -> Response[ErrorEnvelope | VideoPageEnvelope | str]:
    """List the creator's videos, newest first

     Answers one page. To walk the whole history, send no `cursor` first, then the `cursor` of each page
    for the
    next one, for as long as `has_more` is true. A page may be short or even empty while `has_more` is
    true: go
    on while the cursor strictly falls, and treat one that repeats or rises as a failure.

    Several videos may share a second, and whether the cursor's own moment is excluded was never
    verified. To lose
    none of them under either meaning, ask for the next page from the end of that second (the cursor
    rounded down
    to a whole second, plus 999 ms), and drop by `id` what comes again. Ask for 20 then: a page has to
    hold more
    videos than share the second, or the same cursor comes again.

    Args:
        fields (list[VideoField]): The fields each video shall carry, comma-separated in this one
            parameter: `fields=id,title`.
        body (ListVideosRequest): Which page of the history to answer, and how long it may be.

    Raises:
        errors.UnexpectedBody: If the body is not what the document describes for its status: HTML, cut JSON, a missing key.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | VideoPageEnvelope | str]
    """

    kwargs = _get_kwargs(
        body=body,
        fields=fields,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ListVideosRequest,
    fields: list[VideoField],
) -> ErrorEnvelope | VideoPageEnvelope | str | None:
    """List the creator's videos, newest first

     Answers one page. To walk the whole history, send no `cursor` first, then the `cursor` of each page
    for the
    next one, for as long as `has_more` is true. A page may be short or even empty while `has_more` is
    true: go
    on while the cursor strictly falls, and treat one that repeats or rises as a failure.

    Several videos may share a second, and whether the cursor's own moment is excluded was never
    verified. To lose
    none of them under either meaning, ask for the next page from the end of that second (the cursor
    rounded down
    to a whole second, plus 999 ms), and drop by `id` what comes again. Ask for 20 then: a page has to
    hold more
    videos than share the second, or the same cursor comes again.

    Args:
        fields (list[VideoField]): The fields each video shall carry, comma-separated in this one
            parameter: `fields=id,title`.
        body (ListVideosRequest): Which page of the history to answer, and how long it may be.

    Raises:
        errors.UnexpectedBody: If the body is not what the document describes for its status: HTML, cut JSON, a missing key.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | VideoPageEnvelope | str
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            fields=fields,
        )
    ).parsed
