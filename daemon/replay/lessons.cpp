#include "replay/lessons.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/rule/binding.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {
/// The commonest distance of neighbours, seconds; 0 when there is no telling.
std::int32_t step_of(const std::vector<LearnRow>& rows) {
    std::map<std::int64_t, std::size_t> steps;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto step = (std::int64_t{rows[i].day} - rows[i - 1].day) * 86400 + rows[i].second - rows[i - 1].second;
        if (step > 0 && step <= 86400) {
            ++steps[step];
        }
    }
    const auto best = std::ranges::max_element(steps, [](auto& a, auto& b) { return a.second < b.second; });
    return best == steps.end() ? 0 : static_cast<std::int32_t>(best->first);
}
}  // namespace

QueueLessons::QueueLessons(const Plan& plan, const QueueStore& store, QueueKey key, const std::string& metric,
                           std::optional<Span> interval)
    : key_(std::move(key)), metric_(metric) {
    if (interval) {
        interval_s_ = static_cast<std::int32_t>(interval->count() / 1000);
    }
    std::string group;
    for (const auto& expect : plan.expects) {
        if (expect.centre == key_.centre && expect.queue == key_.queue && expect.channel == key_.channel) {
            group = expect.group;
        }
    }
    std::set<std::uint64_t> known;
    for (const auto& rule : plan.rules) {
        const bool wanted = row_of(rule.kind).learns && rule.metric == metric && covers(rule.scope, key_, group);
        if (wanted && known.insert(rule.profile).second) {
            lessons_.push_back({&rule, &store.zone_of(rule, key_), find_by_id(plan.calendars, rule.calendar),
                                SurgeDetector(surge_settings(rule))});
        }
    }
}

void QueueLessons::row(Lesson& lesson, std::int64_t day, std::int32_t second, double count, bool set_aside) {
    SurgeRow out;
    if (day != lesson.day) {
        lesson.day = day;
        lesson.kind = lesson.calendar != nullptr ? lesson.calendar->kind_of(day) : plain_day_kind(day);
    }
    out.day = day;
    out.second_of_day = second;
    out.kind = lesson.kind;
    out.count = count;
    out.set_aside = set_aside || (lesson.calendar != nullptr && lesson.calendar->closed_at(day, second));
    lesson.detector.learn(out);
}

void QueueLessons::close(Lesson& lesson) {
    if (lesson.slot_start < 0) {
        return;
    }
    const double share = lesson.seen_s / seconds(lesson.rule->slot);
    row(lesson, lesson.slot_day, lesson.slot_start, share > 0 ? lesson.count / share : 0.0, share < RowMaker::seen_min);
    lesson.slot_start = -1;
    lesson.count = lesson.seen_s = 0;
}

void QueueLessons::gather(Lesson& lesson, const LearnRow& in) {
    const auto slot_s = static_cast<std::int32_t>(lesson.rule->slot.count() / 1000);
    const auto start = in.second / slot_s * slot_s;
    if (start != lesson.slot_start || in.day != lesson.slot_day) {
        close(lesson);
        lesson.slot_start = start;
        lesson.slot_day = in.day;
    }
    if (!in.set_aside) {
        lesson.count += static_cast<double>(in.count);
        lesson.seen_s += interval_s_;
    }
}

void QueueLessons::learn(const std::vector<LearnRow>& rows) {
    if (interval_s_ == 0) {
        interval_s_ = step_of(rows);
    }
    for (auto& lesson : lessons_) {
        const auto slot_s = static_cast<std::int32_t>(lesson.rule->slot.count() / 1000);
        if (interval_s_ == 0 || slot_s % interval_s_ != 0) {
            problem_ = "rows of " + format_span(Span{std::int64_t{interval_s_} * 1000}) + " cannot teach slots of " +
                       format_span(lesson.rule->slot) + " (rule " + lesson.rule->id + ")";
            continue;
        }
        if (slot_s == interval_s_) {
            for (const auto& one : rows) {
                row(lesson, one.day, one.second, static_cast<double>(one.count), one.set_aside);
            }
        } else {
            for (const auto& one : rows) {
                gather(lesson, one);
            }
        }
    }
}

void QueueLessons::finish(ProfileShelf& shelf, std::string& why) {
    why = lessons_.empty() ? "no rule of kind baseline on " + metric_ + " covers it" : problem_;
    for (auto& lesson : lessons_) {
        close(lesson);
        const auto days = lesson.detector.profile().days();
        if (days == 0) {
            why = why.empty() ? "not one day is finished" : why;
            continue;
        }
        ByteWriter bytes;
        lesson.detector.save(bytes);
        shelf.insert_or_assign(ProfileKey{key_, lesson.rule->profile},
                               LearnedProfile{metric_, lesson.zone->name(), days, bytes.take()});
    }
}

}  // namespace surged
