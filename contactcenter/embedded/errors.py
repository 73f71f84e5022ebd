"""What can keep the engines from running, each as one sentence that says what to do."""


class EngineError(Exception):
    """The message is for the person at the terminal."""


class StateDirBusyError(EngineError):
    """Another process of ours already works on this state directory."""
