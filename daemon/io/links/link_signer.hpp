// Links that let a person answer from a phone without an account: signed, short-lived, for one page.
//
// Knows keys and bytes; refuses to know what an incident is. Hardest rule: a link that opens was made by one of our keys and has
// not expired; everything else is refused without telling which byte was wrong, in a time that does not depend on it.
//
// Token = base64url(version 1, key id 4, expiry u32 s, incident, person, page, HMAC-SHA256 over all before it), texts with a length
// byte (page: two). Two keys are accepted, so that keys can be changed without killing the links that are out; the first signs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct Link {
    std::string incident;
    std::string person;  ///< empty: a link in a group's chat, which says nothing of who pressed it
    std::string page;    ///< key of the page that carries it
    WallTime expires{};
};

class LinkSigner {
public:
    enum class Refusal { malformed, forged, expired };

    /// Keys of at least 32 bytes each, as read from their files; `previous` may be empty.
    static Result<LinkSigner> with_keys(std::string key, std::string previous = {});
    /// From files whose trailing white space does not count. `previous_file` may be empty.
    static Result<LinkSigner> load(const std::string& key_file, const std::string& previous_file);
    /// From a file of ours; made with a random key, readable by its owner only, when there is none. One that is empty, short or no file is
    /// made anew, one that others may read is closed to them; `notes` says so.
    static Result<LinkSigner> load_or_make(const std::string& key_file, std::vector<std::string>& notes);

    /// Links and codes count for this store only: its installation goes into every signature. Those of a store that was lost open nothing,
    /// although the key is still there and incidents are numbered from one again.
    void bind_to(std::string installation) { realm_ = std::move(installation); }

    /// Texts of at most 255 bytes (page: 1000); longer ones give an empty token.
    std::string sign(const Link& link) const;
    /// Good until `expires` inclusive.
    Result<Link, Refusal> open(std::string_view token, WallTime now) const;

    /// Six characters, none like another, that stand for this person in this incident: short enough to be typed. They are no secret
    /// of themselves; the receiver must know the sender and bound the tries.
    std::string code(std::string_view incident, std::string_view person) const;
    /// By either key; small letters are not taken.
    bool code_fits(std::string_view incident, std::string_view person, std::string_view code) const;

private:
    struct Key {
        std::string bytes;
        std::string id;  ///< first four bytes of SHA-256(key)
    };
    static Key key_of(std::string bytes);

    Key key_;
    std::optional<Key> previous_;
    std::string realm_;  ///< the installation; "" = none
};

}  // namespace surged
