// When the engine's state and windows are written down, so that a restart replays little and learns nothing anew.
//
// It knows how often and what it costs; it refuses to know what is in the bytes. Its hardest rule: no sample waits long for one. So
// the state is written by a thread that makes it of the records (shadow_thread.hpp). Windows take the engine's own time, in slices,
// one a turn, and less often than configured when they are so many that they would cost over a third of a percent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/log.hpp"
#include "app/shadow_thread.hpp"
#include "config/settings.hpp"
#include "core/base/bytes.hpp"
#include "core/engine/engine.hpp"
#include "io/store/file_writer.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

class Snapshots {
public:
    static constexpr std::uint64_t records_max = 5000;  ///< a state snapshot after so many records ...
    static constexpr Span state_every{60000};           ///< ... or so long, when there was any
    static constexpr Span trim_every{3600000};
    static constexpr std::chrono::microseconds slice_max{500};        ///< of the engine's time, once a turn
    static constexpr std::size_t piece_bytes = std::size_t{1} << 18U;  ///< handed to the disk's thread one by one ...
    static constexpr std::size_t waiting_max = std::size_t{16} << 20U;  ///< ... which may be so far behind

    /// All borrowed. Takes one state of the engine.
    Snapshots(const Engine& engine, StoreThread& store, FileWriter& files, const StoreSettings& settings, const Log& log,
              ShadowThread::Options options = {});

    /// What the engine has decided, in order and without holes, when the store has it. `bytes`: what it weighs in the log.
    void follow(std::vector<Record> records, std::size_t bytes) { shadow_.add(std::move(records), bytes); }
    /// The engine goes by another configuration; `report` is of Engine::reload(). Call before its records are followed.
    void adopt(const ReloadReport& report) { shadow_.adopt(engine_.shared_plan(), report.after); }

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
    void state_of_engine();
    void begin_windows(Stamp now);
    /// Writes for `most` of the engine's time; true when the last piece is with the disk's thread.
    bool slice_of_windows(std::chrono::steady_clock::duration most);
    void end_windows();
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
    // The snapshot of windows that is being written.
    bool writing_ = false;
    EngineTime began_{};
    SeriesCursor cursor_;
    ByteWriter piece_;
    std::chrono::steady_clock::duration took_{};
    EngineTime trimmed_at_{};
    bool hole_ = false;
    ShadowThread shadow_;
};

}  // namespace surged
