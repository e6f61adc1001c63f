#include "core/rule/learned_profile.hpp"

#include "core/base/bytes.hpp"

namespace surged {

namespace {
constexpr std::uint32_t magic = 0x31505253;  // "SRP1"
}

std::string write_profiles(const ProfileShelf& profiles) {
    ByteWriter out;
    out.put(magic);
    out.put(static_cast<std::uint32_t>(profiles.size()));
    for (const auto& [key, learned] : profiles) {
        for (const auto* text : {&key.queue.centre, &key.queue.queue, &key.queue.channel, &learned.metric, &learned.zone}) {
            out.put_text(*text);
        }
        out.put(key.profile);
        out.put(learned.days);
        out.put_text(learned.bytes);
    }
    return out.take();
}

Result<ProfileShelf> read_profiles(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.get<std::uint32_t>() != magic) {
        return fail("no profiles of this version");
    }
    const auto count = in.get<std::uint32_t>();
    if (count > shelf_max) {
        return fail("more than " + std::to_string(shelf_max) + " profiles");
    }
    ProfileShelf profiles;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        ProfileKey key;
        LearnedProfile learned;
        for (auto* text : {&key.queue.centre, &key.queue.queue, &key.queue.channel, &learned.metric, &learned.zone}) {
            *text = in.get_text();
        }
        key.profile = in.get<std::uint64_t>();
        learned.days = in.get<std::uint32_t>();
        learned.bytes = in.get_text();
        profiles.insert_or_assign(std::move(key), std::move(learned));
    }
    if (!in.ok()) {
        return fail("the profiles end early");
    }
    return profiles;
}

}  // namespace surged
