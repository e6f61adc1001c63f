#include "config/hash.hpp"

#include <bit>
#include <concepts>

#include "config/draft.hpp"

namespace surged {

void ContentHash::whole(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8U) {
        const char byte = static_cast<char>(bits & 0xFFU);
        bytes({&byte, 1});
    }
}

void ContentHash::text(std::string_view value) {
    whole(static_cast<std::int64_t>(value.size()));
    bytes(value);
}

void ContentHash::number(double value) {
    whole(static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value)));
}

namespace {
/// Feeds fields of every type that specs are made of, in the order they are listed.
class Feeder {
public:
    template <typename... Fields>
    Feeder& operator()(const Fields&... fields) {
        (feed(fields), ...);
        return *this;
    }
    std::uint64_t value() const { return hash_.value(); }

private:
    void feed(const std::string& value) { hash_.text(value); }
    void feed(std::string_view value) { hash_.text(value); }
    void feed(double value) { hash_.number(value); }
    template <std::integral Whole>
    void feed(Whole value) { hash_.whole(static_cast<std::int64_t>(value)); }
    void feed(Span value) { hash_.whole(value.count()); }
    template <typename Enum>
    requires std::is_enum_v<Enum>
    void feed(Enum value) { hash_.whole(static_cast<std::int64_t>(value)); }
    /// A type that lists its fields.
    struct Walker {
        Feeder& feeder;
        template <typename T>
        void operator()(const char*, const T& x) {
            feeder.feed(x);
        }
    };
    template <typename T>
        requires requires(T& t, Walker& w) { t.fields(w); }
    void feed(const T& x) {
        Walker walker{*this};
        const_cast<T&>(x).fields(walker);  // a list names the members for readers and writers alike; this one changes nothing
    }
    template <typename Item>
    void feed(const std::vector<Item>& items) {
        hash_.whole(static_cast<std::int64_t>(items.size()));
        for (const auto& item : items) {
            feed(item);
        }
    }
    void feed(const std::map<std::string, std::string>& items) {
        hash_.whole(static_cast<std::int64_t>(items.size()));
        for (const auto& [key, value] : items) {
            (*this)(key, value);
        }
    }

    ContentHash hash_;
};
}  // namespace

namespace {
/// A derived metric is what its formula says and what the metrics in it are made of: what changes below changes above. Circles
/// have been refused, so this settles after as many rounds as derived metrics stand on each other.
std::map<std::string, std::uint64_t> stamp_derives(std::vector<DeriveSpec>& derives) {
    std::map<std::string, std::uint64_t> known;
    for (bool changed = true; changed;) {
        changed = false;
        for (auto& d : derives) {
            std::uint64_t below = 0;
            for (const auto* formula : {&d.formula, d.when ? &*d.when : nullptr}) {
                for (std::size_t i = 0; formula != nullptr && i < formula->inputs().size(); ++i) {
                    const auto found = known.find(formula->inputs()[i].metric);
                    below = found == known.end() ? below : Feeder()(below, found->second).value();
                }
            }
            d.content =
                Feeder()(d.metric, d.formula.text(), d.when ? d.when->text() : std::string(), d.by, d.scope, below).value();
            auto& stamped = known[d.metric];
            changed = changed || stamped != d.content;
            stamped = d.content;
        }
    }
    return known;
}
}  // namespace

namespace {
std::uint64_t calendar_content(const Plan& plan, const std::string& id) {
    for (const auto& calendar : plan.calendars) {
        if (calendar.id == id) {
            Feeder feeder;
            for (const auto& [day, kind] : calendar.days) {
                feeder(static_cast<int>(day), kind.day_class, kind.working, kind.closed);
            }
            for (const auto& hours : calendar.closed) {
                feeder(hours.days, hours.from_min, hours.to_min);
            }
            return feeder.value();
        }
    }
    return 0;
}
}  // namespace

void stamp_contents(Plan& plan) {
    for (auto& calendar : plan.calendars) {
        calendar.content = calendar_content(plan, calendar.id);
    }
    const auto derived = stamp_derives(plan.derives);
    for (auto& r : plan.rules) {
        const auto below = derived.find(r.metric);
        const auto made_of = below == derived.end() ? std::uint64_t{0} : below->second;
        r.content = Feeder()(r, calendar_content(plan, r.calendar), made_of).value();
        // A new limit, a new holiday: what was learned of the same numbers stays true.
        r.profile = Feeder()(r.metric, r.slot, r.counts, made_of).value();
    }
    for (auto& c : plan.channels) {
        c.content = Feeder()(c).value();
    }
    for (auto& p : plan.policies) {
        p.content = Feeder()(p).value();
    }
}

}  // namespace surged
