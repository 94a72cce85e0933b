# An image of Hinomi. Built where there is a network (or a mirror of packages), it needs none when it runs:
#
#   docker build --tag hinomi .
#   docker run --read-only --tmpfs /tmp --network none -v hinomi:/var/lib/hinomi hinomi formats
#   docker run --read-only --tmpfs /tmp -p 8000:8000 -v hinomi:/var/lib/hinomi hinomi serve --host 0.0.0.0
#
# Debian and not Alpine: DuckDB publishes no wheel for musl.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# One lock serves all: its sections `run` and `build` go here, what developers need stays out. The packages change
# seldom and the code often, so they make a layer of their own.
COPY requirements.lock .
RUN awk '/^# == /{s=$3} s=="run:"' requirements.lock > run.lock \
 && awk '/^# == /{s=$3} s=="build:"' requirements.lock > build.lock \
 && python -m venv /opt/hinomi \
 && /opt/hinomi/bin/pip install --require-hashes --only-binary :all: -r run.lock \
 && python -m pip install --require-hashes --only-binary :all: -r build.lock

COPY . .
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /opt/hinomi/bin/pip install --no-deps --no-index /wheel/*.whl \
 && /opt/hinomi/bin/pip check \
 && /opt/hinomi/bin/pip uninstall --yes pip setuptools


FROM python:3.11-slim
COPY --from=build /opt/hinomi /opt/hinomi

# HOME too lies in the volume: nothing outside it, and /tmp, has to be writable.
ENV PATH=/opt/hinomi/bin:$PATH \
    HINOMI_HOME=/var/lib/hinomi \
    HOME=/var/lib/hinomi \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --home-dir /var/lib/hinomi --no-create-home --shell /usr/sbin/nologin hinomi \
 && install --directory --owner hinomi --group hinomi --mode 0750 /var/lib/hinomi

USER 10001
WORKDIR /var/lib/hinomi
VOLUME /var/lib/hinomi
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["hinomi"]
CMD ["--help"]
