from ..portable import Portable
def write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    return {}, []
