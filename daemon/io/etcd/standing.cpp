#include "io/etcd/standing.hpp"

#include "wire/json_text.hpp"

namespace surged::etcd {

namespace {

std::string not_ours(const std::string& key) {
    return "etcd's " + key + " is not what surged writes";
}

}  // namespace

std::string text_of(const Term& term) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("host", term.host)
        .field("url", term.url)
        .field("version", term.version)
        .field("installation", term.installation)
        .field("claim", term.claim)
        .field("format", term.format)
        .end_object();
    return out;
}

std::string text_of(const Head& head) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("seq", head.seq)
        .field("at", head.at)
        .field("kept", head.kept)
        .field("released", head.released)
        .field("version", head.version)
        .field("wall", head.wall)
        .end_object();
    return out;
}

std::string text_of(const std::vector<SnapPlace>& snaps) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& snap : snaps) {
        json.begin_object()
            .field("seq", snap.seq)
            .field("parts", std::uint64_t{snap.parts})
            .field("crc", std::uint64_t{snap.crc})
            .end_object();
    }
    json.end_array();
    return out;
}

std::optional<Term> parse_term(const std::string& text) {
    const auto json = parse_json(text);
    const auto* number = json ? json->find("format") : nullptr;
    const auto format = number == nullptr ? std::nullopt : number->integer();
    if (!format || !json->is_object()) {
        return std::nullopt;
    }
    return Term{json->text_or("host", ""), json->text_or("url", ""), json->text_or("version", ""), json->text_or("installation", ""),
                json->text_or("claim", ""), static_cast<int>(*format)};
}

std::optional<Head> parse_head(const std::string& text) {
    const auto json = parse_json(text);
    const auto natural = [&](const char* name) {
        const auto* value = json ? json->find(name) : nullptr;
        return value == nullptr ? std::nullopt : value->natural();
    };
    const auto* at = json ? json->find("at") : nullptr;
    const auto* released = json ? json->find("released") : nullptr;
    const auto seq = natural("seq");
    const auto kept = natural("kept");
    if (!seq || !kept || at == nullptr || !at->integer() || released == nullptr || released->boolean() == nullptr) {
        return std::nullopt;
    }
    const auto* wall = json->find("wall");
    return Head{*seq, *at->integer(), *kept, *released->boolean(), json->text_or("version", ""),
                wall == nullptr ? 0 : wall->integer().value_or(0)};
}

std::optional<std::vector<SnapPlace>> parse_snaps(const std::string& text) {
    const auto json = parse_json(text);
    if (!json || json->array() == nullptr) {
        return std::nullopt;
    }
    std::vector<SnapPlace> out;
    for (const auto& entry : *json->array()) {
        const auto* seq = entry.find("seq");
        const auto* parts = entry.find("parts");
        const auto* crc = entry.find("crc");
        if (seq == nullptr || parts == nullptr || crc == nullptr || !seq->natural() || !parts->natural() || !crc->natural()) {
            return std::nullopt;
        }
        out.push_back({*seq->natural(), std::size_t{*parts->natural()}, static_cast<std::uint32_t>(*crc->natural())});
    }
    return out;
}

Result<Standing, LogFailure> standing_of(const Keys& keys, const std::vector<KeyValue>& term, const std::vector<KeyValue>& head,
                                         std::uint64_t revision) {
    Standing out;
    out.revision = revision;
    if (!term.empty()) {
        out.term = parse_term(term.front().value);
        out.term_revision = term.front().mod_revision;
        if (!out.term) {
            return tl::unexpected(LogFailure{LogError::corrupt, not_ours(keys.term())});
        }
        if (out.term->format != written_format) {
            return tl::unexpected(LogFailure{LogError::corrupt, "etcd's " + keys.prefix() + " has format " +
                                                                    std::to_string(out.term->format) + ", this surged reads " +
                                                                    std::to_string(written_format) + ": upgrade this host"});
        }
    }
    if (!head.empty()) {
        out.head = parse_head(head.front().value);
        out.head_revision = head.front().mod_revision;
        if (!out.head) {
            return tl::unexpected(LogFailure{LogError::corrupt, not_ours(keys.head())});
        }
    }
    return out;
}

Result<Standing, LogFailure> look(const Post& post, const Keys& keys) {
    const auto reply = carry_out(post, {{}, {Get{.key = keys.term()}, Get{.key = keys.head()}}, {}});
    if (!reply) {
        return tl::unexpected(LogFailure{LogError::unavailable, reply.error().message});
    }
    return standing_of(keys, reply->found[0], reply->found[1], reply->revision);
}

}  // namespace surged::etcd
