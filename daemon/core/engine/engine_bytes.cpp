#include "core/engine/engine_bytes.hpp"

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"

namespace surged {
namespace {

constexpr std::uint32_t engine_magic = 0x33475253;  // "SRG3": raised with every change of the bytes below

/// The present state, not the change that led to it.
AlertEdge standing(AlertEdge edge) {
    edge.from = edge.to;
    edge.stale_changed = false;
    return edge;
}

}  // namespace

void OpenAlerts::apply(const Record& record) {
    const auto* edge = std::get_if<AlertEdge>(&record.body);
    if (edge == nullptr) {
        return;
    }
    Key key(edge->rule, edge->queue);
    if ((edge->to == AlertState::ok && !edge->flapping) || edge->to == AlertState::unknown) {
        edges_.erase(key);
    } else if (!edge->stale_changed) {
        edges_.insert_or_assign(std::move(key), standing(*edge));
    } else if (const auto known = edges_.find(key); known != edges_.end()) {
        known->second.stale = edge->stale;
    }
}

void OpenAlerts::restore(std::vector<AlertEdge> edges) {
    edges_.clear();
    for (auto& edge : edges) {
        Key key(edge.rule, edge.queue);
        edges_.insert_or_assign(std::move(key), standing(std::move(edge)));
    }
}

std::string engine_bytes(std::uint64_t sequence, EngineTime at, std::string_view desk, const OpenAlerts& open) {
    FieldsOut edges;
    auto count = static_cast<std::uint32_t>(open.edges().size());
    edges(count);
    for (const auto& [key, edge] : open.edges()) {
        edges(const_cast<AlertEdge&>(edge));  // the writer changes nothing
    }
    ByteWriter out;
    out.put(engine_magic);
    out.put(sequence);
    out.put(to_ms(at));
    out.put_text(desk);
    out.put_text(edges.take());
    return out.take();
}

bool read_engine_bytes(std::string_view bytes, EngineBytes& out) {
    ByteReader in(bytes);
    if (in.get<std::uint32_t>() != engine_magic) {
        return false;
    }
    out.sequence = in.get<std::uint64_t>();
    out.at = engine_time(in.get<std::int64_t>());
    out.desk = in.get_text();
    const auto open = in.get_text();
    FieldsIn edges(open);
    edges(out.open);
    return in.ok() && edges.whole();
}

}  // namespace surged
