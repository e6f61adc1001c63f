#include "io/etcd/hosts.hpp"

#include "wire/json_text.hpp"

namespace surged::etcd {

std::string text_of(const HostFacts& facts) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("name", facts.name)
        .field("url", facts.url)
        .field("seq", facts.seq)
        .field("version", facts.version)
        .field("warm", facts.warm)
        .field("at", facts.at)
        .end_object();
    return out;
}

std::optional<HostFacts> parse_host(const std::string& text) {
    const auto json = parse_json(text);
    const auto* seq = json ? json->find("seq") : nullptr;
    const auto* at = json ? json->find("at") : nullptr;
    const auto* warm = json ? json->find("warm") : nullptr;
    if (seq == nullptr || !seq->natural() || at == nullptr || !at->integer() || warm == nullptr || warm->boolean() == nullptr) {
        return std::nullopt;
    }
    return HostFacts{json->text_or("name", ""), json->text_or("url", ""), *seq->natural(), json->text_or("version", ""), *warm->boolean(),
                     *at->integer()};
}

Result<void> tell_host(const Post& post, const Keys& keys, const HostFacts& facts) {
    const auto reply = carry_out(post, {{}, {Put{keys.host(facts.name), text_of(facts)}}, {}});
    return reply ? Result<void>() : tl::unexpected(reply.error());
}

Result<std::vector<HostFacts>> read_hosts(const Post& post, const Keys& keys) {
    const auto reply = carry_out(post, {{}, {Get{.key = keys.hosts(), .end = keys.hosts_end(), .limit = 64}}, {}});
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    std::vector<HostFacts> out;
    for (const auto& entry : reply->found[0]) {
        if (auto facts = parse_host(entry.value)) {
            out.push_back(std::move(*facts));
        }
    }
    return out;
}

}  // namespace surged::etcd
