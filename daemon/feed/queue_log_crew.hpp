// The members of one queue, as far as queue_log tells: the interface of each, and the name that belongs to it. Refuses
// to know about talks and other queues.
//
// The hardest rule: Asterisk writes ADDMEMBER and REMOVEMEMBER with the interface and everything else (CONNECT, PAUSE, RING*)
// with the member's name, and nowhere both (log_membername_as_agent = no, its default). So a name is bound to an interface when
// only one fits; until then it is loose, and counts as one of the interfaces that have no name yet. A name for which no interface
// is left is a stranger: a member of queues.conf, which the log never lists, or one who came before the log began.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace surged {

struct CrewMember {
    bool paused = false;
    bool away = false;  ///< logged off, may come back
    std::int64_t paused_ms = 0;
    std::string name;  ///< empty: none is bound yet
};

struct CrewName {
    enum class Kind : std::uint8_t { loose, stranger, gone };
    Kind kind = Kind::loose;
    bool paused = false;
    std::int64_t paused_ms = 0;
    std::int64_t seen_ms = 0;  ///< gone: when it left
};

struct Crew {
    std::map<std::string, CrewMember, std::less<>> members;  ///< by interface
    std::map<std::string, std::string, std::less<>> bound;   ///< name -> interface
    std::map<std::string, CrewName, std::less<>> names;      ///< those bound to none
    bool added = false;                                      ///< an ADDMEMBER or a log-in was seen
    bool served = false;                                     ///< a call went to somebody who had been added
    bool pauses_unsure = false;                              ///< one of several without a name left, perhaps the paused one
    std::uint64_t talks = 0;

    std::size_t count(CrewName::Kind kind) const;
    std::size_t free_interfaces() const;
    bool paused(std::string_view name) const;
    void bind(const std::string& name, const std::string& interface);
    /// The interface that fits this name alone: the same, the same extension, or the only one left. Empty = none or several.
    std::string fitting(std::string_view name) const;
};

/// "Local/201@from-queue/n" and "SIP/201" -> "201"; the whole text when it has no technology.
std::string_view extension_of(std::string_view agent);

}  // namespace surged
