"""`factbook demo`: a small tenant to look at, the same on every machine."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import typer

from factbook.access import PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.cli.checking import master_keys_of
from factbook.cli.demo_history import DEMO_CUSTOMERS, demo_records
from factbook.cli.demo_profile import load_demo_profile
from factbook.cli.demo_scenario import load_demo_scenario
from factbook.cli.running import read_settings, remarks, with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.history import record_truth
from factbook.identity import Channel, create_customers
from factbook.profile import Actor, Backend

DEMO_TENANT = "demo"
_KEY_FILE = "demo-key"


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """The key to the demo tenant and a customer worth looking at."""

    key: str
    customer_id: UUID


def demo() -> None:
    """Load the demo tenant and print its key. Doing it again changes nothing and prints the same key."""
    settings = read_settings()

    async def work(database: Database, _: OpenedDatabase) -> DemoTenant:
        return await load_demo(Backend(database, master_keys_of(settings)), settings.data_dir)

    loaded = with_database(work)
    remarks.print(f"The demo tenant is loaded; a customer of it is {loaded.customer_id}. Its key:")
    typer.echo(loaded.key)


async def load_demo(backend: Backend, data_dir: Path) -> DemoTenant:
    """Create tenant, customers, history, a profile and a scenario where they are missing, and a human's key with every scope."""
    database = backend.database
    tenant_id = await create_tenant(database, DEMO_TENANT)
    customers = await create_customers(database, tenant_id, Channel.EMAIL, DEMO_CUSTOMERS)
    ids = {identifier: customer.id for identifier, customer in customers.items()}
    await record_truth(database, tenant_id, demo_records(ids), None)
    key = _kept_key(data_dir)
    principal = await authenticate(database, key) if key else None
    if principal is None or principal.tenant_id != tenant_id:
        key = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Demo", frozenset(Scope))
        _keep_key(data_dir, key)
        principal = await authenticate(database, key)
    if principal is not None:
        await load_demo_profile(backend, tenant_id, Actor.of(principal), Channel.EMAIL, DEMO_CUSTOMERS[0])
        await load_demo_scenario(backend, principal)
    return DemoTenant(key, ids[DEMO_CUSTOMERS[0]])


def _kept_key(data_dir: Path) -> str:
    """The demo key of the run before, empty when there is none."""
    path = data_dir / _KEY_FILE
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _keep_key(data_dir: Path, key: str) -> None:
    """Keep the demo's key for its owner, so that the next start can show it again. Every other key is shown once and kept nowhere."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / _KEY_FILE
    path.touch(mode=0o600)
    path.write_text(key + "\n", encoding="ascii")
