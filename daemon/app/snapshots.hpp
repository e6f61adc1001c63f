// When the engine's state and windows are written down, so that a restart replays little and learns nothing anew (D7).
//
// It knows how often and what it costs; it refuses to know what is in the bytes. Its hardest rule: making a snapshot is the one
// thing here that takes the engine's own time, so windows are made less often than configured when they are so many that it would
// cost over 1 %.
#pragma once

#include <cstdint>
#include <string>

#include "app/log.hpp"
#include "config/settings.hpp"
#include "core/engine.hpp"
#include "io/store/side_file.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

class Snapshots {
public:
    static constexpr std::uint64_t records_max = 5000;  ///< a state snapshot after so many records ...
    static constexpr Span state_every{60000};           ///< ... or so long, when there was any
    static constexpr Span trim_every{3600000};

    /// All borrowed.
    Snapshots(const Engine& engine, StoreThread& store, FileWriter& files, const StoreSettings& settings, const Log& log);

    /// Call when the engine has nothing decided that was not handed to the store. Cheap when nothing is due.
    void turn(Stamp now);
    /// A state snapshot at the next turn: the log has holes.
    void soon() { hole_ = true; }
    /// At stop: both, whatever is due.
    void last(Stamp now);
    /// When turn() wants to be called next.
    EngineTime next() const;

private:
    void save_state(Stamp now);
    void save_windows(Stamp now);
    void trim(Stamp now);

    const Engine& engine_;
    StoreThread& store_;
    FileWriter& files_;
    const Log& log_;
    std::string windows_path_;
    Span windows_every_;
    Span retention_;
    std::uint64_t saved_seq_ = 0;
    EngineTime saved_at_{};
    EngineTime windows_due_{};
    EngineTime trimmed_at_{};
    bool hole_ = false;
};

}  // namespace surged
