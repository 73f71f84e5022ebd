"""Settings of one process, read from the environment once at its edge."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contactcenter.core.errors import DomainError


class Settings(BaseSettings):
    """Every field has a default and its unit in its name or description; `doctor` judges them."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore")

    host: str = Field("127.0.0.1", description="address the web server binds")
    port: int = Field(8000, ge=0, le=65535)
    state_dir: Path = Field(Path("var"), description="engines' data, files, secrets")
    database_url: str = Field("", description="postgresql+psycopg://…; empty = embedded PostgreSQL")
    migration_url: str = Field("", description="the owner's URL; empty = database_url")
    redis_url: str = Field("", description="redis://, rediss:// or unix://; empty = embedded Valkey")
    public_url: str = Field("", description="how customers reach us; empty = http://HOST:PORT")
    secret_key: str = Field("", description="signs tokens and seals secrets; ≥ 32 characters")
    secret_key_old: str = Field("", description="further keys that are read and not written, comma-separated")

    web_processes: int = Field(1, ge=1)
    db_pool_n: int = Field(10, ge=1, description="connections per process")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_token: str = Field("", description="opens /metrics to other machines; empty = this machine only")
    trusted_proxies: int = Field(0, ge=0, description="how many proxies in front set X-Forwarded-*")

    default_language: Literal["en", "zh"] = "en"
    default_zone: str = Field("Europe/London", description="IANA zone of brands that name none")
    session_idle_h: int = Field(12, ge=1)
    keep_done_days: int = Field(
        30,
        ge=1,
        description="then done side effects and timers, dead sign-ins, codes and tokens are forgotten",
    )
    upload_max_bytes: int = Field(10 * 1024 * 1024, ge=1)
    vanish_after_s: int = Field(30, ge=1, description="socket gone this long: the agent becomes away")

    mail_addresses: str = Field("", description="further addresses of ours, comma-separated")
    nlp_engine: Literal["onnx", "hf", "rules", "off"] = "onnx"
    nlp_model: str = Field("", description="hf:<model id or path>, for NLP_ENGINE=hf")
    nlp_revision: str = Field("", description="commit or tag that pins NLP_MODEL")
    nlp_labels: dict[str, str] = Field(
        default_factory=dict, description='JSON: labels of NLP_MODEL to ours, {"LABEL_0": "negative", …}'
    )
    ice_servers: str = Field("[]", description="JSON list for RTCPeerConnection")
    complaint_pack: str = "iso10002-default"
    complaint_calendar: str = "GB-ENG"

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """What may have signed or sealed something that is still in use; the first one does it now."""
        further = (key.strip() for key in self.secret_key_old.split(","))
        return (self.secret_key, *filter(None, further))

    @property
    def base_url(self) -> str:
        """The address in links and widget code, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def files_dir(self) -> Path:
        """Where uploaded and received files lie: outside every web root."""
        return self.state_dir / "files"


class Misconfigured(DomainError):
    """The environment holds a value that cannot be used; the message names each."""

    def __init__(self, error: ValidationError) -> None:
        faults = [f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        super().__init__("; ".join(faults) + ".")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings. Raises Misconfigured. Tests call `get_settings.cache_clear()` after changing the environment."""
    try:
        return Settings()
    except ValidationError as error:
        raise Misconfigured(error) from None  # its own text repeats the value, which may be a secret
