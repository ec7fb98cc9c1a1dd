"""Who hears: the workers of this machine, or a cluster's, behind one `Executor`."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from drumwatch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
CONNECT_SECONDS = 10


def connect(address: str) -> Executor:
    """The cluster at `dask://host:port`. It must see the sounds under the same paths, and have drumwatch installed."""
    url = urlsplit(address)
    if url.scheme != "dask" or not url.hostname or not url.port:
        raise UsageError(f"{address} is no engine: say dask://HOST:PORT, the address of a Dask scheduler.")
    try:
        import distributed  # noqa: PLC0415  an extra, and only for those who ask for it
    except ImportError as exc:
        raise UsageError(f"{address} needs Dask: install drumwatch[dask].") from exc
    try:
        return DaskEngine(distributed.Client(f"tcp://{url.hostname}:{url.port}", timeout=CONNECT_SECONDS))
    except OSError as exc:
        raise UsageError(
            f"No Dask scheduler answers at {url.hostname}:{url.port} ({exc}): is it running?"
        ) from exc


class DaskEngine(Executor):
    """Dask's own executor, which hears every request anew and takes the connection with it when it ends."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  Dask is an extra
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """Let go of what is still to be heard, and of the cluster."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()
