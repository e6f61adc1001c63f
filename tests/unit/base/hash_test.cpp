// The one hash of the house, by the published vectors of FNV-1a (64 bit).
#include "core/base/hash.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("hash: it is FNV-1a, 64 bit") {
    CHECK(fnv1a("") == 0xcbf29ce484222325U);
    CHECK(fnv1a("a") == 0xaf63dc4c8601ec8cU);
    CHECK(fnv1a("foobar") == 0x85944171f73967e8U);
    CHECK(fnv1a("bar", fnv1a("foo")) == fnv1a("foobar"));
}
