"""Who is calling? API keys, principals and their scopes."""

from factbook.access.authentication import authenticate, holder_of_key
from factbook.access.http import AuthenticationMiddleware, CurrentDatabase, CurrentPrincipal, database_of, principal_of
from factbook.access.keys import parse_key
from factbook.access.model import Principal, PrincipalKind, Scope
from factbook.access.operations import create_key, create_tenant, list_keys, revoke_key, tenant_id_named, tenant_ids
from factbook.access.rules import parse_scopes, require_human, require_human_or_scope, require_scope
from factbook.access.store import IssuedKey, tenant_name
from factbook.access.tenant_settings.operations import change_settings
from factbook.access.tenant_settings.routes import router as settings_router
from factbook.access.tenant_settings.store import tenant_settings

__all__ = [
    "AuthenticationMiddleware",
    "CurrentDatabase",
    "CurrentPrincipal",
    "IssuedKey",
    "Principal",
    "PrincipalKind",
    "Scope",
    "authenticate",
    "change_settings",
    "create_key",
    "create_tenant",
    "database_of",
    "holder_of_key",
    "list_keys",
    "parse_key",
    "parse_scopes",
    "principal_of",
    "require_human",
    "require_human_or_scope",
    "require_scope",
    "revoke_key",
    "settings_router",
    "tenant_id_named",
    "tenant_ids",
    "tenant_name",
    "tenant_settings",
]
