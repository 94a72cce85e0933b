"""Settings: environment (HINOMI_…) over `hinomi.toml` in the data directory over defaults."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from core.errors import InputError


class Settings(BaseSettings):
    """What an operator may set. Every name is also an environment variable with the prefix HINOMI_."""

    model_config = SettingsConfigDict(env_prefix="HINOMI_", extra="forbid")

    home: Path = Field(Path("hinomi-data"), description="Data directory: archive, events, catalogue")
    catalogue: str = Field("", description="URL of the catalogue; empty: SQLite in the data directory")
    retention_days: int = Field(400, ge=365, description="Days that lines are kept; the guideline asks for a year")
    threads: int = Field(2, ge=1, description="Threads of DuckDB")
    memory: str = Field("3GB", description="Memory limit of DuckDB")
    rules: Path | None = Field(None, description="Directory of rules; empty: those shipped")
    proxies: tuple[str, ...] = Field((), description="Reverse proxies whose X-Forwarded-For the API believes")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then hinomi.toml."""
        home = Path(os.environ.get("HINOMI_HOME", "hinomi-data"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, home / "hinomi.toml")


def load(**given: object) -> Settings:
    """The settings in force; InputError names the one that is wrong."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic, that is what this function is for
    except ValidationError as e:
        first = e.errors()[0]
        raise InputError(f"setting HINOMI_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}") from e
