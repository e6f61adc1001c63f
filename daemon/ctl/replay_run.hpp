// One engine on recorded time, from --from to --until, with the answers that people are said to have given. What `replay`,
// `replay
// --diff` and `explain` share; it prints nothing but refused answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "replay/player.hpp"

namespace surged {

struct RecordedAnswer {
    EngineTime at{};
    std::string person;
    AnswerKind say = AnswerKind::join;
    std::string incident;
};

/// {"ts":ms,"person":"lead-01","say":"join","incident":"0-1"} a line; incident may be left out while one is open. In order of
/// time.
Result<std::vector<RecordedAnswer>> read_answers(const std::string& path);

struct ReplayBounds {
    std::optional<WallTime> from;
    std::optional<WallTime> until;  ///< exclusive for messages; deadlines run up to it
};

class ReplayRun {
public:
    /// `answers` and `zone` are borrowed.
    ReplayRun(std::unique_ptr<const Plan> plan, Player::Watch watch, ReplayBounds bounds,
              const std::vector<RecordedAnswer>& answers, const Zone& zone);

    /// Called once, before the first message of the bounds is played: what the engine knows by then.
    void before_first(std::function<void(Engine&, WallTime)> teach) { teach_ = std::move(teach); }
    /// False once `until` is reached: no more is wanted.
    bool message(const Message& message);
    /// Runs on to `until`, when there is one.
    void finish();

    bool started() const { return started_; }
    Player& player() { return player_; }
    const Player& player() const { return player_; }

private:
    void answer_until(EngineTime at);
    std::string open_incident() const;

    ReplayBounds bounds_;
    const std::vector<RecordedAnswer>& answers_;
    const Zone& zone_;
    std::size_t next_answer_ = 0;
    bool started_ = false;
    std::function<void(Engine&, WallTime)> teach_;
    Player player_;
};

}  // namespace surged
