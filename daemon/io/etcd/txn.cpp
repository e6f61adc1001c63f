#include "io/etcd/txn.hpp"

#include <charconv>
#include <optional>

#include "core/base/encoding.hpp"
#include "wire/json_text.hpp"

namespace surged::etcd {

namespace {

// 64 batches of half a MiB in base64 are 44 MB.
constexpr JsonLimits reply_limits{std::size_t{64} << 20U, 16, 100000};

void write(JsonWriter& json, const Put& put) {
    json.key("request_put").begin_object().field("key", base64(put.key)).field("value", base64(put.value)).end_object();
}
void write(JsonWriter& json, const Delete& gone) {
    json.key("request_delete_range").begin_object().field("key", base64(gone.key)).end_object();
}
void write(JsonWriter& json, const Get& get) {
    json.key("request_range").begin_object().field("key", base64(get.key));
    if (!get.end.empty()) {
        json.field("range_end", base64(get.end));
    }
    if (get.limit > 0) {
        json.field("limit", std::to_string(get.limit));
    }
    if (get.last_first) {
        json.field("sort_order", "DESCEND").field("sort_target", "KEY");
    }
    if (get.keys_only) {
        json.field("keys_only", true);
    }
    json.end_object();
}

void write(JsonWriter& json, std::string_view name, const std::vector<Operation>& operations) {
    json.key(name).begin_array();
    for (const auto& operation : operations) {
        json.begin_object();
        std::visit([&](const auto& what) { write(json, what); }, operation);
        json.end_object();
    }
    json.end_array();
}

/// A number of 64 bits, which the gateway writes as a text; 0 when it is left out.
std::optional<std::uint64_t> number_of(const JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    if (value == nullptr) {
        return 0;
    }
    if (const auto number = value->natural()) {
        return number;
    }
    const auto* text = value->text();
    std::uint64_t out = 0;
    if (text == nullptr) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
    return error == std::errc{} && end == text->data() + text->size() ? std::optional(out) : std::nullopt;
}

std::optional<KeyValue> key_value(const JsonValue& json) {
    auto key = from_base64(json.text_or("key", ""));
    auto value = from_base64(json.text_or("value", ""));
    const auto revision = number_of(json, "mod_revision");
    return key && value && revision ? std::optional(KeyValue{std::move(*key), std::move(*value), *revision}) : std::nullopt;
}

std::optional<std::vector<KeyValue>> found_by(const JsonValue& response) {
    std::vector<KeyValue> out;
    const auto* range = response.find("response_range");
    const auto* kvs = range == nullptr ? nullptr : range->find("kvs");
    const auto* list = kvs == nullptr ? nullptr : kvs->array();
    if (kvs != nullptr && list == nullptr) {
        return std::nullopt;
    }
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        auto entry = key_value((*list)[i]);
        if (!entry) {
            return std::nullopt;
        }
        out.push_back(std::move(*entry));
    }
    return out;
}

}  // namespace

std::string text_of(const Txn& txn) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("compare").begin_array();
    for (const auto& compare : txn.when) {
        json.begin_object()
            .field("target", "MOD")
            .field("result", "EQUAL")
            .field("key", base64(compare.key))
            .field("mod_revision", std::to_string(compare.mod_revision))
            .end_object();
    }
    json.end_array();
    write(json, "success", txn.then);
    write(json, "failure", txn.otherwise);
    json.end_object();
    return out;
}

Result<TxnReply> parse_reply(std::string_view text) {
    const auto json = parse_json(text, reply_limits);
    if (!json) {
        return fail("etcd's answer is " + json.error().message);
    }
    const auto* header = json->find("header");
    const auto revision = header == nullptr ? std::nullopt : number_of(*header, "revision");
    if (!revision) {
        return fail("etcd's answer has no revision");
    }
    TxnReply out;
    out.revision = *revision;
    const auto* succeeded = json->find("succeeded");
    out.succeeded = succeeded != nullptr && succeeded->boolean() != nullptr && *succeeded->boolean();
    const auto* responses = json->find("responses");
    if (responses == nullptr) {
        return out;
    }
    if (responses->array() == nullptr) {
        return fail("etcd's answer has no list of responses");
    }
    for (const auto& response : *responses->array()) {
        auto found = found_by(response);
        if (!found) {
            return fail("etcd's answer has a key that cannot be read");
        }
        out.found.push_back(std::move(*found));
    }
    return out;
}

Result<TxnReply> carry_out(const Post& post, const Txn& txn) {
    const auto answer = post(txn_path, text_of(txn));
    if (!answer) {
        return fail(answer.error().message);
    }
    auto reply = parse_reply(*answer);
    if (reply && reply->found.size() != (reply->succeeded ? txn.then : txn.otherwise).size()) {
        return fail("etcd's answer has " + std::to_string(reply->found.size()) + " responses, not one for each operation");
    }
    return reply;
}

}  // namespace surged::etcd
