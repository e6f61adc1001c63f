#include "io/links/link_signer.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t key_bytes_min = 32;
constexpr std::size_t key_bytes_max = 4096;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t page_bytes_max = 1000;
constexpr std::size_t token_bytes_max = 2400;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = (held << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6) {
            out.push_back(alphabet[(held >> static_cast<unsigned>(bits - 6)) & 63U]);
        }
    }
    if (bits > 0) {
        out.push_back(alphabet[(held << static_cast<unsigned>(6 - bits)) & 63U]);
    }
    return out;
}

/// nullopt unless it is exactly what encode() makes: one token, one spelling.
std::optional<std::string> decode(std::string_view text) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        held = (held << 6U) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>((held >> static_cast<unsigned>(bits)) & 0xFFU));
        }
    }
    if (encode(out) != text) {
        return std::nullopt;
    }
    return out;
}

/// What is signed: the realm, with its length so that no realm can imitate the start of a link, then the bytes.
std::string within(const std::string& realm, std::string_view bytes) {
    return realm.empty() ? std::string(bytes) : std::to_string(realm.size()) + ":" + realm + std::string(bytes);
}

std::string mac_of(const std::string& key, std::string_view bytes) {
    std::string out(mac_bytes, '\0');
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(out.data()), &length);
    return out;
}

/// Without 0 O Q, 1 I, 2 Z, 5 S, 6 G, 8 B, U V and L: read from a screen and typed on a phone.
constexpr std::string_view code_alphabet = "ACDEFHJKMNPRTWXY3479";
constexpr std::size_t code_length = 6;

std::string code_of(const std::string& key, const std::string& realm, std::string_view incident, std::string_view person) {
    std::string said = "reply code\n" + std::to_string(incident.size()) + ":";
    said += incident;
    said += person;
    const auto mac = mac_of(key, within(realm, said));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(number); ++i) {
        number = (number << 8U) | static_cast<unsigned char>(mac[i]);
    }
    std::string out;
    for (std::size_t i = 0; i < code_length; ++i) {
        out += code_alphabet[number % code_alphabet.size()];
        number /= code_alphabet.size();
    }
    return out;
}

void put_short(ByteWriter& out, std::string_view text) {
    out.put(static_cast<std::uint8_t>(text.size()));
    out.put_raw(text.data(), text.size());
}

std::string get_sized(ByteReader& in, std::size_t size) {
    std::string text(in.ok() && size <= in.left() ? size : 0, '\0');
    in.get_raw(text.data(), text.size() == size ? size : in.left() + 1);  // too little left turns the reader bad
    return text;
}

std::string without_tail(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' || text.back() == '\t')) {
        text.pop_back();
    }
    return text;
}

Result<std::string> read_key(const std::string& file) {
    auto text = read_file(file, key_bytes_max + 1);
    if (!text) {
        return fail("cannot read the key of links " + file + ": " + std::strerror(text.error()));
    }
    if (text->size() > key_bytes_max) {
        return fail("the key of links " + file + " is longer than " + std::to_string(key_bytes_max) + " bytes");
    }
    return without_tail(std::move(*text));
}

/// 256 random bits as hexadecimal, so that people can look at the file and copy it.
Result<void> make_key(const std::string& file) {
    std::array<unsigned char, key_bytes_min> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return fail("no random numbers for the key of links");
    }
    const std::string text = to_hex(random) + '\n';
    // A file that bears the name is whole: a crash in between leaves only the other name, which the next start writes anew.
    const std::string unready = file + ".new";
    const Fd made(::open(unready.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    const int fd = made.get();
    if (!made) {
        return fail("cannot make the key of links " + unready + ": " + std::strerror(errno));
    }
    const bool good = ::fchmod(fd, 0600) == 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                      ::fsync(fd) == 0 && ::rename(unready.c_str(), file.c_str()) == 0;
    const int problem = errno;
    if (!good) {
        ::unlink(unready.c_str());
        return fail("cannot write the key of links " + file + ": " + std::strerror(problem));
    }
    return {};
}

}  // namespace

LinkSigner::Key LinkSigner::key_of(std::string bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return {std::move(bytes), std::string(reinterpret_cast<const char*>(digest.data()), key_id_bytes)};
}

Result<LinkSigner> LinkSigner::with_keys(std::string key, std::string previous) {
    if (key.size() < key_bytes_min || (!previous.empty() && previous.size() < key_bytes_min)) {
        return fail("a key of links has at least " + std::to_string(key_bytes_min) + " bytes");
    }
    LinkSigner signer;
    signer.key_ = key_of(std::move(key));
    if (!previous.empty()) {
        signer.previous_ = key_of(std::move(previous));
    }
    return signer;
}

Result<LinkSigner> LinkSigner::load(const std::string& key_file, const std::string& previous_file) {
    auto key = read_key(key_file);
    if (!key) {
        return tl::unexpected(key.error());
    }
    std::string previous;
    if (!previous_file.empty()) {
        auto read = read_key(previous_file);
        if (!read) {
            return tl::unexpected(read.error());
        }
        previous = std::move(*read);
    }
    auto signer = with_keys(std::move(*key), std::move(previous));
    return signer ? signer : fail(key_file + ": " + signer.error().message);
}

Result<LinkSigner> LinkSigner::load_or_make(const std::string& key_file, std::vector<std::string>& notes) {
    struct stat found {};
    const bool there = ::lstat(key_file.c_str(), &found) == 0;
    if (there && S_ISREG(found.st_mode)) {
        if ((found.st_mode & 0077U) != 0 && ::chmod(key_file.c_str(), 0600) == 0) {
            notes.push_back(key_file + " could be read by others and is closed to them now; whoever has copied it can make links: delete it to begin anew");
        }
        auto signer = load(key_file, {});
        if (signer || ::access(key_file.c_str(), R_OK) != 0) {
            return signer;  // what this user may not read is not ours to replace
        }
    }
    if (const auto made = make_key(key_file); !made) {
        return tl::unexpected(made.error());
    }
    if (there) {
        notes.push_back(key_file + " was no key (empty, short or no file) and is made anew: links that were sent before are void");
    }
    return load(key_file, {});
}

std::string LinkSigner::sign(const Link& link) const {
    const auto expires = to_ms(link.expires) / 1000;
    if (link.incident.size() > name_bytes_max || link.person.size() > name_bytes_max || link.page.size() > page_bytes_max ||
        expires < 0 || expires > 0xFFFFFFFFLL) {
        return {};
    }
    ByteWriter out;
    out.put(version);
    out.put_raw(key_.id.data(), key_.id.size());
    out.put(static_cast<std::uint32_t>(expires));
    put_short(out, link.incident);
    put_short(out, link.person);
    out.put(static_cast<std::uint16_t>(link.page.size()));
    out.put_raw(link.page.data(), link.page.size());
    const auto mac = mac_of(key_.bytes, within(realm_, out.bytes()));
    out.put_raw(mac.data(), mac.size());
    return encode(out.bytes());
}

Result<Link, LinkSigner::Refusal> LinkSigner::open(std::string_view token, WallTime now) const {
    const auto bytes = token.size() <= token_bytes_max ? decode(token) : std::nullopt;
    if (!bytes || bytes->size() < 1 + key_id_bytes + 4 + 4 + mac_bytes || bytes->front() != static_cast<char>(version)) {
        return tl::unexpected(Refusal::malformed);
    }
    const std::string_view signed_part(bytes->data(), bytes->size() - mac_bytes);
    const auto id = signed_part.substr(1, key_id_bytes);
    const bool old = previous_ && id == previous_->id;
    if (!old && id != key_.id) {
        return tl::unexpected(Refusal::forged);
    }
    const auto mac = mac_of(old ? previous_->bytes : key_.bytes, within(realm_, signed_part));
    if (CRYPTO_memcmp(mac.data(), bytes->data() + signed_part.size(), mac_bytes) != 0) {
        return tl::unexpected(Refusal::forged);
    }
    ByteReader in(signed_part.substr(1 + key_id_bytes));
    Link link;
    link.expires = wall_time(std::int64_t{in.get<std::uint32_t>()} * 1000);
    link.incident = get_sized(in, in.get<std::uint8_t>());
    link.person = get_sized(in, in.get<std::uint8_t>());
    link.page = get_sized(in, in.get<std::uint16_t>());
    if (!in.ok() || !in.at_end()) {
        return tl::unexpected(Refusal::malformed);
    }
    if (now > link.expires) {
        return tl::unexpected(Refusal::expired);
    }
    return link;
}

std::string LinkSigner::code(std::string_view incident, std::string_view person) const {
    return code_of(key_.bytes, realm_, incident, person);
}

bool LinkSigner::code_fits(std::string_view incident, std::string_view person, std::string_view code) const {
    const auto same = [&](const Key& key) {
        const auto right = code_of(key.bytes, realm_, incident, person);
        return right.size() == code.size() && CRYPTO_memcmp(right.data(), code.data(), right.size()) == 0;
    };
    const bool now = same(key_);
    const bool before = previous_ && same(*previous_);
    return now || before;
}

}  // namespace surged
