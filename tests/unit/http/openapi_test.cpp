// openapi.json against the router: each route and method stands in the file and the reverse, with the role that it needs, and a body has
// the keys that the router reads. What a running daemon answers is held against the schemas by integration/test_openapi.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "io/http/api_commands.hpp"
#include "io/http/api_router.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const JsonValue& openapi() {
    static const JsonValue document = [] {
        std::ostringstream text;
        text << std::ifstream(SURGED_SOURCE_DIR "/daemon/io/http/openapi.json").rdbuf();
        JsonLimits limits;
        limits.bytes = text.str().size();
        limits.depth = 64;
        limits.values = 100000;
        auto json = parse_json(text.str(), limits);
        REQUIRE(json.has_value());
        return *std::move(json);
    }();
    return document;
}

std::string upper(std::string word) {
    for (char& c : word) {
        c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    return word;
}

/// "GET /api/v1/incidents/{id}"
std::string name_of(const ServedRoute& route) {
    std::string path(route.path);
    if (const auto hole = path.find("{}"); hole != std::string::npos) {
        path.replace(hole, 2, "{id}");
    }
    if (path.ends_with('*')) {
        path.replace(path.size() - 1, 1, "{name}");
    }
    return std::string(route.method) + " " + path;
}

/// Each operation by its name.
std::map<std::string, const JsonValue*> operations() {
    std::map<std::string, const JsonValue*> out;
    for (const auto& path : *openapi().find("paths")->object()) {
        for (const auto& method : *path.second.object()) {
            out[upper(method.first) + " " + path.first] = &method.second;
        }
    }
    return out;
}

const JsonValue* at(const JsonValue* value, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) {
        value = value == nullptr ? nullptr : value->find(key);
    }
    return value;
}

void each_reference(const JsonValue& value, const std::function<void(const std::string&)>& each) {
    if (value.object() != nullptr) {
        for (const auto& member : *value.object()) {
            if (member.first == "$ref") {
                each(*member.second.text());
            }
            each_reference(member.second, each);
        }
    } else if (value.array() != nullptr) {
        for (const JsonValue& item : *value.array()) {
            each_reference(item, each);
        }
    }
}

/// Whether the router reads this key in the body of a request to this route.
bool reads_key(const ServedRoute& route, const std::string& key) {
    FakeBackend backend;
    const auto open = TokenTable::open();
    const ApiRouter router(backend, open);
    RequestHead head;
    head.method = route.method;
    head.path = route.path;
    if (const auto hole = head.path.find("{}"); hole != std::string::npos) {
        head.path.replace(hole, 2, "0-1");
    }
    head.content_length = 2;
    head.add("content-type", "application/json");
    head.add("host", "127.0.0.1");
    const auto admitted = router.admit(head);
    REQUIRE(std::holds_alternative<Admitted>(admitted));
    const auto command = make_command(std::get<Admitted>(admitted), "", "{\"" + key + "\":null}", {});
    return command.has_value() || command.error().message.find("unknown key") == std::string::npos;
}

}  // namespace

TEST_CASE("openapi: every route of the router stands in it with its role, and no other", "[unit]") {
    const auto described = operations();
    std::set<std::string> served;
    for (const ServedRoute& route : served_routes()) {
        const auto name = name_of(route);
        INFO(name);
        CHECK(served.insert(name).second);
        REQUIRE(described.contains(name));
        CHECK(described.at(name)->text_or("x-role", "") == route.role);
        CHECK(at(described.at(name), {"responses"}) != nullptr);
        // Who needs no token has no security.
        const auto* security = at(described.at(name), {"security"});
        REQUIRE(security != nullptr);
        CHECK(security->array()->empty() == (route.role == "everyone"));
    }
    CHECK(served.size() > 40);
    for (const auto& [name, operation] : described) {
        INFO(name);
        CHECK(served.contains(name));
    }
}

TEST_CASE("openapi: bodies have the keys that the router reads, and no other", "[unit]") {
    const auto described = operations();
    std::set<std::string> words{"nobody_reads_this"};
    const auto keys_of = [&](const std::string& name) {
        std::set<std::string> out;
        if (const auto* keys = at(described.at(name), {"requestBody", "content", "application/json", "schema", "properties"})) {
            for (const auto& key : *keys->object()) {
                out.insert(key.first);
            }
        }
        return out;
    };
    for (const ServedRoute& route : served_routes()) {
        words.merge(keys_of(name_of(route)));
    }
    std::size_t bodies = 0;
    for (const ServedRoute& route : served_routes()) {
        const auto name = name_of(route);
        const bool command = route.method == "POST" && route.path.starts_with("/api/") && route.path.find("/log") == std::string_view::npos &&
                             route.path != "/api/v1/reload";
        const auto keys = keys_of(name);
        bodies += command ? 1 : 0;
        for (const std::string& word : words) {
            INFO(name << " " << word);
            CHECK((!command || reads_key(route, word) == keys.contains(word)));
        }
    }
    CHECK(bodies >= 13);
}

TEST_CASE("openapi: what it refers to is there, and every schema is used", "[unit]") {
    const auto* components = openapi().find("components");
    std::set<std::string> used;
    each_reference(openapi(), [&](const std::string& reference) {
        INFO(reference);
        used.insert(reference);
        const auto cut = reference.rfind('/');
        const auto kind = reference.substr(13, cut - 13);
        REQUIRE(reference.starts_with("#/components/"));
        CHECK(at(components, {kind, reference.substr(cut + 1)}) != nullptr);
    });
    for (const auto& schema : *components->find("schemas")->object()) {
        INFO(schema.first);
        CHECK(used.contains("#/components/schemas/" + schema.first));
    }
}
