#include "app/rescue_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/text.hpp"

namespace surged {
namespace {

constexpr std::size_t shown_max = 20;  // of a list

std::string count_of(std::uint64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

class RescueText {
public:
    RescueText(const StoreFindings& found, const RescueDone& done, const Zone& zone) : found_(found), done_(done), fold_(done.fold), zone_(zone) {}

    std::string write(const std::string& store_path, const std::string& damage) {
        line(store_path + ": rescued" + (done_.whole ? ", nothing is missing" : ", not everything could be read back"));
        line("damage: " + damage);
        pages();
        line("read back: " + count_of(found_.records, "record") + ", " + count_of(found_.snapshots.size(), "snapshot"));
        holes();
        state();
        open_incidents();
        behind();
        installation();
        for (std::size_t i = 1; i < done_.moved.size(); ++i) {
            line((i == 1 ? "damaged files, whole: " : "  and ") + done_.moved[i]);
        }
        by_hand();
        return shown_safely(text_);
    }

private:
    void line(const std::string& text) { text_ += text + "\n"; }

    std::string when(std::int64_t ms) const {
        const CivilTime t = zone_.to_civil(wall_time(ms));
        std::array<char, 40> out{};
        std::snprintf(out.data(), out.size(), "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.second_of_day / 3600, t.second_of_day / 60 % 60,
                      t.second_of_day % 60);
        return out.data();
    }

    void pages() {
        if (found_.zeroed + found_.silent > 0) {
            line("pages: " + std::to_string(found_.pages) + ", of them " + std::to_string(found_.zeroed) + " with nothing but zeros and " +
                 std::to_string(found_.silent) + " that the disk does not give");
        }
    }

    void holes() {
        if (const auto& before = found_.before) {
            line("records 1 to " + std::to_string(before->to) + ": not there, " +
                 (fold_.base >= before->to ? "forgotten by age or lost; the state does not need them" : "lost, and no snapshot covers them"));
        }
        std::size_t shown = 0;
        for (const RecordRange& hole : found_.lost) {
            if (++shown > shown_max) {
                line("  and " + count_of(found_.lost.size() - shown_max, "further hole"));
                break;
            }
            line("lost: records " + std::to_string(hole.from) + " to " + std::to_string(hole.to) + " (" + std::to_string(hole.count()) + ")" +
                 (hole.after_ms ? ", after " + when(*hole.after_ms) : "") + (hole.before_ms ? ", before " + when(*hole.before_ms) : ""));
        }
        if (found_.lost.empty() && !found_.doubt.empty()) {
            line("perhaps lost: what came after the last record that was read; " + found_.doubt);
        }
    }

    std::string upto() const { return fold_.upto_ms == 0 ? "record " + std::to_string(fold_.upto) : when(fold_.upto_ms); }

    void state() {
        if (fold_.upto == 0) {
            line("state: none could be made, surged begins without incidents, silences and overrides");
            return;
        }
        line("state: as of record " + std::to_string(fold_.upto) + (fold_.upto_ms == 0 ? "" : ", " + when(fold_.upto_ms)) + " (" +
             (fold_.base > 0 ? "the snapshot at " + std::to_string(fold_.base) + " and " : "") + count_of(fold_.folded, "record") + ")");
    }

    static bool open(const IncidentView& incident) { return !incident.closed(); }

    void open_incidents() {
        const auto count = static_cast<std::size_t>(std::ranges::count_if(done_.incidents, open));
        line("open incidents in this state: " + (count == 0 ? std::string("none") : std::to_string(count)));
        for (const IncidentView& incident : done_.incidents) {
            if (!open(incident)) {
                continue;
            }
            std::string scope;
            for (const auto& [key, value] : incident.scope) {
                scope += " " + key + "=" + value;
            }
            std::string people;
            for (const SeatView& seat : incident.seats) {
                if (seat.state == SeatState::joined || seat.state == SeatState::arrived) {
                    people += (people.empty() ? ": " : ", ") + seat.person;
                }
            }
            line("  " + incident.incident + " " + incident.policy + scope + ", " + std::string(to_string(incident.level)) + ", " + incident.state + ", tier " +
                 std::to_string(incident.tier) + ", joined " + std::to_string(incident.joined) + " of " + std::to_string(incident.need) + people +
                 ", opened " + when(to_ms(incident.opened_wall)));
        }
    }

    void behind() {
        if (fold_.behind == 0) {
            return;
        }
        line("history only: " + count_of(fold_.behind, "record") + " from behind a hole; kept, and not part of the state");
        std::size_t shown = 0;
        for (const auto& [id, incident] : fold_.incidents_behind) {
            if (++shown > shown_max) {
                line("  and " + count_of(fold_.incidents_behind.size() - shown_max, "further incident"));
                break;
            }
            line("  incident " + id + ": " + (incident.opened ? "opened there, " : "") + (incident.closed ? "closed " : "last heard of ") + when(incident.last_ms));
        }
        shown = 0;
        for (const auto& [ms, answer] : fold_.answers_behind) {
            if (++shown > shown_max) {
                line("  and " + count_of(fold_.answers_behind.size() - shown_max, "further answer"));
                break;
            }
            line("  answer: " + answer.person + " " + word(answer.kind) + " " + answer.incident + ", " + when(ms));
        }
    }

    static std::string word(AnswerKind kind) { return std::string(to_string(kind)); }

    void installation() {
        if (done_.installation == found_.installation) {
            line("page keys: go on as they were");
            return;
        }
        line("page keys: begin anew (installation " + (found_.installation.empty() ? "unknown" : found_.installation) + " -> " + done_.installation +
             "), so that no sink takes a new page for an old one; links in messages sent before are void");
    }

    void by_hand() {
        if (done_.whole) {
            line("by hand: nothing; start surged");
            return;
        }
        line("by hand, after the start of surged:");
        line("  - look at the board: incidents opened or closed after " + upto() + " are not known to surged, nor what was silenced or overridden since");
        for (const IncidentView& incident : done_.incidents) {
            if (open(incident)) {
                line("  - incident " + incident.incident + ": people called after " + upto() +
                     " may be called again (what waited to be sent then is labelled repeat); who has joined or left since must say so again; if it is over, "
                     "surgectl resolve " +
                     incident.incident);
            }
        }
        std::size_t shown = 0;
        for (const auto& [ms, answer] : fold_.answers_behind) {
            const bool known = std::ranges::any_of(done_.incidents, [&, id = &answer.incident](const IncidentView& one) {
                return one.incident == *id && open(one);
            });
            if (known && ++shown <= shown_max) {
                line("  - " + answer.person + " said " + word(answer.kind) + " to " + answer.incident + " at " + when(ms) + ": say it again for them (surgectl " +
                     word(answer.kind) + " " + answer.incident + " --as " + answer.person + ")");
            }
        }
        line("  - keep the damaged files until this is cleared up: nothing reads them any more");
    }

    const StoreFindings& found_;
    const RescueDone& done_;
    const RescueFold& fold_;
    const Zone& zone_;
    std::string text_;
};

}  // namespace

std::string rescue_text(const std::string& store_path, const std::string& damage, const StoreFindings& found, const RescueDone& done, const Zone& zone) {
    return RescueText(found, done, zone).write(store_path, damage);
}

}  // namespace surged
