// The reference's reader (P10): every message is true when it leaves. It parses the text as a person reads it: level, value, limit,
// people wanted and joined, addressees, who may go, and how the incident ended.
//
// Short messages leave parts out; the parts that are there must be true.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "sim/reference.hpp"
#include "sim/sim_plan.hpp"

namespace surged::test {

namespace {
bool says(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

bool calls_people(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::remind || p == PagePurpose::need || p == PagePurpose::repeat_round ||
           p == PagePurpose::handover || p == PagePurpose::update;
}

std::string level_word(Level level, Language language) {
    const bool zh = language == Language::zh;
    switch (level) {
        case Level::yellow: return zh ? "黄色" : "yellow";
        case Level::orange: return zh ? "橙色" : "orange";
        case Level::red: return zh ? "红色" : "red";
        case Level::none: break;
    }
    return {};
}

/// The number that follows `words`, if they are there.
std::optional<long> number_after(const std::string& text, const std::string& words, std::size_t* end = nullptr) {
    const auto at = text.find(words);
    const auto from = at + words.size();
    if (at == std::string::npos || from >= text.size() || (std::isdigit(static_cast<unsigned char>(text[from])) == 0)) {
        return std::nullopt;
    }
    char* last = nullptr;
    const long number = std::strtol(text.c_str() + from, &last, 10);
    if (end != nullptr) {
        *end = static_cast<std::size_t>(last - text.c_str());
    }
    return number;
}

/// "p7" at `at`: the person, else empty.
std::string person_at(const std::string& text, std::size_t at) {
    const bool inside = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
    if (inside || text[at] != 'p') {
        return {};
    }
    std::size_t end = at + 1;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) {
        ++end;
    }
    return end == at + 1 ? std::string() : text.substr(at, end - at);
}

std::set<std::string> people_in(const std::string& text) {
    std::set<std::string> out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (auto who = person_at(text, at); !who.empty()) {
            out.insert(std::move(who));
        }
    }
    return out;
}

/// The people whom the text allows to go: "p1、p2可以下线", "p1, p2 may go". `unnamed`: it says so without a name.
std::set<std::string> may_go(const std::string& text, bool& unnamed) {
    std::set<std::string> out;
    for (const std::string words : {"可以下线", " may go"}) {
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            const auto before = out.size();
            auto end = at;
            for (bool more = true; more;) {
                auto from = end;
                while (from > 0 && std::isdigit(static_cast<unsigned char>(text[from - 1])) != 0) {
                    --from;
                }
                const auto who = from > 0 && from < end ? person_at(text, from - 1) : std::string();
                more = !who.empty();
                if (more) {
                    out.insert(who);
                    end = from - 1;
                    for (const std::string between : {"、", ", "}) {
                        if (end >= between.size() && text.compare(end - between.size(), between.size(), between) == 0) {
                            end -= between.size();
                            break;
                        }
                    }
                }
            }
            unnamed = unnamed || out.size() == before;
        }
    }
    return out;
}
}  // namespace

std::vector<std::string> promises_to_meet() {
    return {"an incident opens for what fires",
            "what was ended by hand stays so",
            "people are told that data is gone",
            "who is called is on duty",
            "who comes on duty while seats are missing is asked",
            "a further red has people called",
            "a seat of a filled incident is handed over under stand_down",
            "the level that is said is the worst that fires",
            "the value that is said is the one of now",
            "... and below its limit, or falling",
            "... and old, for data is gone",
            "those who are wanted and have joined are counted",
            "a group is spoken to by name",
            "a closing message says how it ended",
            "... by a person, while it fires",
            "who may go has nothing to do here any more",
            "who is told of two incidents at once is not told crosswise",
            "a message tells its time"};
}

void Reference::untrue(const std::string& what, const SendOrder& order) {
    breach("P10", order.page + " says " + what + ": " + order.text, order.decided);
}

void Reference::words(const SendOrder& order, const Page& page) {
    const auto known = incidents_.find(order.incident);
    if (known == incidents_.end() || order.purpose == PagePurpose::act || order.purpose == PagePurpose::undo) {
        return;
    }
    const auto& inc = known->second;
    const auto of_day = to_ms(order.wall) / 1000 % 86400;
    char clock[32];
    std::snprintf(clock, sizeof clock, " %02d:%02d:%02d UTC", static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60),
                  static_cast<int>(of_day % 60));
    met("a message tells its time");
    if (!says(order.when, clock)) {
        untrue("that it is " + order.when, order);
    }
    if (calls_people(order.purpose)) {
        says_level(order, page, inc);
        says_counts(order, page);
        says_once(order, page);
    }
    if (calls_people(order.purpose) || order.purpose == PagePurpose::data_back || order.purpose == PagePurpose::close) {
        says_value(order, inc);
    }
    if (order.purpose == PagePurpose::close) {
        says_ending(order, inc);
    } else if (order.purpose == PagePurpose::data_back) {
        const auto alerts = alerts_of(inc);
        if (std::all_of(alerts.begin(), alerts.end(), [](const AlertEdge* a) { return a->stale; })) {
            untrue("that data is back", order);
        }
    }
    says_names(order, page);
    says_may_go(order, page, inc);
}

void Reference::says_level(const SendOrder& order, const Page& page, const Incident& inc) {
    met("the level that is said is the worst that fires");
    if (order.level != page.level || !says(order.text, level_word(order.level, order.language))) {
        untrue("another level than it has", order);
    }
    if (order.level < worst(inc, false) || order.level > worst(inc, true)) {
        untrue(std::string(to_string(order.level)) + ", which is not so", order);
    }
}

/// "waits 57>40", "waits 35（触发线>40）": a value of now of an alert that is meant, and a limit that it stands beside rightly.
void Reference::says_value(const SendOrder& order, const Incident& inc) {
    std::size_t end = 0;
    const auto value = number_after(order.text, std::string(rule_metric) + " ", &end);
    if (!value || end >= order.text.size() || order.text.compare(end, 3, "…") == 0) {
        return;
    }
    met("the value that is said is the one of now");
    const auto rest = order.text.substr(end);
    bool so = false;
    bool beside = false;
    for (const auto* alert : alerts_of(inc)) {
        const auto now = truth_->find({alert->rule, alert->queue});
        if (now == truth_->end()) {
            continue;
        }
        const auto& stands = now->second;
        const auto real = static_cast<long>(value_(stands, stands.stale ? stands.at : order.decided));
        if (real != *value) {
            continue;
        }
        so = true;
        const auto raise = static_cast<long>(raise_of(alert->level));
        const bool over = rest.starts_with(">" + std::to_string(raise)) && real > raise;
        const bool told = says(rest, "（触发线>" + std::to_string(raise)) || says(rest, "(raised at >" + std::to_string(raise));
        const bool old = rest.starts_with("（") || rest.starts_with(" (");
        const bool bare = !rest.starts_with(">") && !rest.starts_with("<") && order.text.size() < 200 && !told;
        beside = beside || (stands.stale ? old : over || (told && real <= raise) || bare);
        if (stands.stale) {
            met("... and old, for data is gone");
        } else if (real <= raise) {
            met("... and below its limit, or falling");
        }
    }
    if (!so) {
        untrue("a value that is not so", order);
    } else if (!beside) {
        untrue("a value beside a limit that is not its own", order);
    }
}

void Reference::says_counts(const SendOrder& order, const Page& page) {
    met("those who are wanted and have joined are counted");
    const auto need = number_after(order.text, order.language == Language::zh ? "，需" : "; need ");
    const auto have = number_after(order.text, order.language == Language::zh ? "人已加入" : ", joined ");
    const bool wrong = order.need != page.need || order.joined != page.joined || (need && *need != page.need) || (have && *have != page.joined);
    if (wrong) {
        untrue("other numbers than need " + std::to_string(page.need) + ", joined " + std::to_string(page.joined), order);
    }
}

/// A message to a group names the people it is for, as far as there is room.
void Reference::says_names(const SendOrder& order, const Page& page) {
    const auto* spec = channel(order.channel);
    const bool group = page.people.size() > 1 || (spec != nullptr && spec->kind == ChannelKind::group);
    // Messages that neither ask nor allow anything are for everybody.
    if (!group || order.purpose == PagePurpose::close || order.purpose == PagePurpose::data_back) {
        return;
    }
    met("a group is spoken to by name");
    constexpr std::size_t named_most = 8;
    const auto named = people_in(order.text);
    const auto there = [&](const std::string& who) { return named.count(who) > 0; };
    const bool whole = spec->text_limit == 0 && page.people.size() <= named_most;
    const bool enough = whole ? std::all_of(page.people.begin(), page.people.end(), there)
                              : std::any_of(page.people.begin(), page.people.end(), there);
    if (!enough) {
        untrue("to a group what it does not say to whom", order);
    }
}

void Reference::says_may_go(const SendOrder& order, const Page& page, const Incident& inc) {
    const auto* spec = channel(order.channel);
    const bool group = page.people.size() > 1 || (spec != nullptr && spec->kind == ChannelKind::group);
    bool unnamed = false;
    const auto go = may_go(order.text, unnamed);
    if (go.empty() && !unnamed && !says(order.text, "They may go") && !says(order.text, "You may go")) {
        return;
    }
    met("who may go has nothing to do here any more");
    if (order.purpose == PagePurpose::close) {
        return;  // says_ending()
    }
    if (order.purpose != PagePurpose::stand_down) {
        untrue("that somebody may go, and calls", order);
        return;
    }
    if (group && unnamed) {
        untrue("that one may go and not who, to a group", order);
    }
    const auto said = group ? go : std::set<std::string>(page.people.begin(), page.people.end());
    for (const auto& who : said) {
        const bool theirs = std::find(page.people.begin(), page.people.end(), who) != page.people.end();
        if (!theirs || inc.seated.count(who) > 0) {
            untrue("that " + who + " may go, who is wanted or not spoken to", order);
        }
    }
}

void Reference::says_ending(const SendOrder& order, const Incident& inc) {
    if (inc.open) {
        return;  // it reopened in this moment; the P4 check covers that
    }
    met("a closing message says how it ended");
    const bool zh = order.language == Language::zh;
    const bool aged = inc.ended_why == "max_age";
    const bool by_hand = !aged && inc.ended_by != "engine";
    const std::string title = aged ? (zh ? "【到期关闭】" : "[Closed by age]")
                              : by_hand ? (zh ? "【人工关闭】" : "[Closed by hand]")
                                        : (zh ? "【话务恢复】" : "[All clear]");
    if (!says(order.text, title)) {
        untrue("another end than " + title, order);
    }
    const bool fires = worst(inc, false) > Level::none;
    const auto level = level_word(worst(inc, true), order.language);
    const bool still = says(order.text, zh ? "仍为" : "still ");
    if (fires && !(still && says(order.text, level))) {
        untrue("nothing of what is " + level + " all the same", order);
    }
    if (fires && by_hand) {
        met("... by a person, while it fires");
    }
    if (still && alerts_of(inc).empty()) {
        untrue("that it goes on, and it is over", order);
    }
    std::set<std::string> stayed;
    for (const auto& who : inc.ended_seated) {
        if (person(who) != nullptr) {
            stayed.insert(who);
        }
    }
    const auto joined = number_after(order.text, zh ? "，已加入" : ", joined ");
    if (joined && *joined != static_cast<long>(stayed.size())) {
        untrue("a number of people other than " + std::to_string(stayed.size()), order);
    }
    const auto list = order.text.find(zh ? "人：" : ", joined ");
    if (joined && list != std::string::npos && order.text.find(zh ? "人：" : ": p", list) != std::string::npos) {
        auto named = people_in(order.text.substr(list));
        if (named != stayed) {
            untrue("other names than of those who stayed", order);
        }
    }
    const bool free = says(order.text, zh ? "可以下线" : "may go");
    const auto alone = order.people.size() == 1 ? order.people.front().person : std::string();
    const auto* spec = channel(order.channel);
    const bool group = spec != nullptr && spec->kind == ChannelKind::group;
    if (free && (fires || stayed.empty() || (!group && stayed.count(alone) == 0))) {
        untrue("that one may go", order);
    }
    if (says(order.text, zh ? "您无需上线" : "You need not log on") && stayed.count(alone) > 0) {
        untrue("to somebody who is there that they need not come", order);
    }
}

/// A person who is told of incident B in a message of A is not called for B right after in a message that mentions A again.
void Reference::says_once(const SendOrder& order, const Page& page) {
    const auto* spec = channel(order.channel);
    if (spec == nullptr || !spec->coalesce || spec->kind != ChannelKind::personal || page.people.size() != 1) {
        return;
    }
    constexpr Span soon{60000};
    const auto& who = page.people.front();
    const auto asked_at = [&](const std::string& id) {
        const auto& seats = incidents_[id].seats;
        const auto seat = seats.find(who);
        return seat == seats.end() ? EngineTime{} : seat->second.second;
    };
    const auto before = told_of_.find({who, order.channel, order.incident});
    const auto calls = incidents_[order.incident].calls[who];
    const bool first = order.purpose == PagePurpose::first && order.attempt == 1 && !order.repeat &&
                       std::all_of(calls.begin(), calls.end(), [&](const std::string& key) {
                           return key == order.page || pages_.at(key).left == 0 || pages_.at(key).channel != order.channel;
                       });
    const bool before_repeats = before != told_of_.end() && before->second.repeat;
    for (const auto& also : order.also) {
        // After a restart a possible repeat is labelled, and cannot share a message with a page that is none.
        const bool restarted = recovered_ != EngineTime{} && order.decided < recovered_ + Span{10000};
        const bool cross = first && !restarted && !before_repeats && before != told_of_.end() && before->second.by == also.incident && also.page.empty() &&
                           order.decided - before->second.at < soon && asked_at(order.incident) == before->second.asked;
        if (cross) {
            untrue("again what " + who + " was told with " + also.incident, order);
        }
    }
    for (const auto& also : order.also) {
        met("who is told of two incidents at once is not told crosswise");
        told_of_[{who, order.channel, also.incident}] = {order.incident, order.decided, asked_at(also.incident), order.repeat};
        const auto& other = incidents_[also.incident];
        if (!other.open || other.resolving || !loud(other) || ebbs(other)) {
            untrue("that " + also.incident + " calls, too, which is over", order);
        }
    }
}

}  // namespace surged::test
