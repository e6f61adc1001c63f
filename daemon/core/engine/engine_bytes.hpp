// The engine's state as the records make it, and its bytes. Two keep it: the engine, and the shadow that follows the engine's records
// on another thread and writes the snapshots. Both write by this file, so the same records give the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record/record.hpp"
#include "core/rule/alert.hpp"

namespace surged {

/// The last edge of every alert that is open, or flaps, as the records tell it.
class OpenAlerts {
public:
    using Key = std::pair<std::string, QueueKey>;

    /// Records must come in order. What is no edge changes nothing.
    void apply(const Record& record);
    const std::map<Key, AlertEdge>& edges() const { return edges_; }
    /// What stood in a snapshot.
    void restore(std::vector<AlertEdge> edges);

private:
    std::map<Key, AlertEdge> edges_;
};

struct EngineBytes {
    std::uint64_t sequence = 0;  ///< of the last record in it
    EngineTime at{};             ///< time of the latest record
    std::string desk;
    std::vector<AlertEdge> open;
};

std::string engine_bytes(std::uint64_t sequence, EngineTime at, std::string_view desk, const OpenAlerts& open);
/// False: they are no bytes of this version, or torn. What stands in `desk` was not looked at.
bool read_engine_bytes(std::string_view bytes, EngineBytes& out);

}  // namespace surged
