"""Golden projects: a compose file in, every file and every remark out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.projects import written
from tests.conftest import ROOT
from tests.golden import REPORT, compare, convert

PROJECTS = sorted(path.parent for path in (ROOT / "fixtures/projects").glob("*/compose.y*ml"))
CORPUS = sorted({path.parent for path in (ROOT / "fixtures/corpus").glob("*/compose.y*ml")})


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_project(folder: Path, update_golden: bool) -> None:
    texts, said = convert(folder)
    compare(folder / "expected", {**texts, REPORT: said}, update_golden)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_same_bytes_again(folder: Path) -> None:
    assert convert(folder) == convert(folder)


def test_corpus_is_whole() -> None:
    assert len(CORPUS) == 20


@pytest.mark.parametrize("folder", CORPUS, ids=lambda path: path.name)
def test_real_file(folder: Path, update_golden: bool) -> None:
    texts, said = convert(folder)
    assert "error:" not in said
    assert any(path.startswith("task-definitions/") for path in texts)
    golden = folder / REPORT
    if update_golden:
        golden.write_text(said, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == said


# What each real file puts behind the load balancer, found by reading the file: never its database,
# its debugger (9229, 9230), its DNS server or what listens on 127.0.0.1.
ROUTED = {
    "angular": "web:4200",
    "aspnet-mssql": "web:80",
    "elasticsearch-logstash-kibana": "kibana:5601",
    "flask-redis": "web:8000",
    "gitea-postgres": "gitea:3000",
    "nextcloud-postgres": "nc:80",
    "nginx-aspnet-mysql": "proxy:80",
    "nginx-flask-mysql": "backend:8000 proxy:80",
    "nginx-golang-postgres": "proxy:80",
    "nginx-nodejs-redis": "nginx:80 web1:5000 web2:5000",
    "pihole-cloudflared-DoH": "pihole:80",
    "portainer": "portainer:9000",
    "prometheus-grafana": "grafana:3000 prometheus:9090",
    "react-express-mysql": "backend:80 frontend:3000",
    "react-nginx": "frontend:80",
    "sparkjava-mysql": "backend:8080",
    "spring-postgres": "backend:8080",
    "vuejs": "web:8080",
    "wasmedge-mysql-nginx": "backend:8080 frontend:80",
    "wordpress-mysql": "wordpress:80",
}


@pytest.mark.parametrize("aim", ["bare", "fargate", "fargate spot"])
@pytest.mark.parametrize("folder", CORPUS, ids=lambda path: path.name)
def test_who_is_reached_from_outside(folder: Path, aim: str) -> None:
    files = written(folder, aim)
    assert files is not None, f"{folder.name} is refused for {aim}"
    services = files.bodies["services"].values()
    routed = sorted(
        f"{entry['containerName']}:{entry['containerPort']}"
        for service in services
        for entry in service.get("loadBalancers", ())
    )
    assert " ".join(routed) == ROUTED[folder.name]
