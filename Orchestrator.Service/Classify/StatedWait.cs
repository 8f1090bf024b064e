using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Classify;

/// <summary>Reads when a limit ends from the words that state it.</summary>
internal static class StatedWait
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan JustOver = TimeSpan.FromMinutes(10);

    private const string Colon = @"[""'\\]{0,2}\s*[:=,]\s*[""'\\]{0,2}";
    private const string Number = @"(?<number>\d{1,9}(?:\.\d{1,9})?)";
    private const string Month = @"(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?";
    private const string Hour = @"(?<hour>\d{1,2})(?::(?<minute>\d\d)(?::\d\d)?)?\s?(?<half>[ap]\.?m\b\.?)|(?<hour>\d{1,2}):(?<minute>\d\d)(?::\d\d)?\b";
    private const string Zone = @"(?:\s*\((?<zone>[^()]{1,40})\)|\s+(?<zone>UTC(?:[+-]\d{1,2}(?::?\d\d)?)?|GMT|[PMCE][SD]T|CES?T|JST|IST|[A-Z][A-Za-z]+/[A-Z][A-Za-z_/]+)\b)?";
    private const string Ends = @"(?:\breset(?:s|ting)?|\btry(?:ing)? again|\bretry|\bavailable(?: again)?|\brenews?|\brefresh(?:es)?|\buntil|\bends?)(?:,? (?:at|on|after|by|in|around))?:? ";

    private static readonly Regex InSeconds = Rules.Compile(@"\b(?:resets_in_seconds|reset-after-seconds|retry[-_]?after(?:[-_]seconds)?|x-ratelimit-reset-after)" + Colon + Number + @"(?:[^\d.:-]|$)");
    private static readonly Regex InMilliseconds = Rules.Compile(@"\b(?:retry[-_]?after[-_]?ms|retry_delay_ms|resets_in_ms)" + Colon + Number);
    private static readonly Regex OnDate = Rules.Compile(@"\bretry-after" + Colon + @"(?<date>[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT)");
    private static readonly Regex Delay = Rules.Compile(@"\bretry[-_]?delay" + Colon + Number + "s");
    private static readonly Regex OnEpoch = Rules.Compile(@"(?:\b(?:resets?[-_]?at|(?:anthropic-ratelimit-unified-|x-ratelimit-)reset(?:-\w+)?|primary-reset-at)" + Colon + @"|\blimit reached\s*\|\s*)(?<epoch>\d{10}(?:\d{3})?)(?:\D|$)");
    private static readonly Regex OnInstant = Rules.Compile(@"(?:\breset[\w-]{0,20}" + Colon + "|" + Ends + @")(?<instant>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?) ?(?<offset>Z|UTC|[+-]\d\d:?\d\d)?");
    private static readonly Regex InWords = Rules.Compile(
        @"(?:\b(?:try again|retry|retrying again|available(?: again)?|resets?|renews?|wait(?: for)?|come back)(?: (?:in|after|for|another))?(?: (?:about|approximately|around|~))?):? ?(?<words>(?:an? |\d{1,7}(?:\.\d{1,9})?) ?(?:ms|milliseconds?|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b(?:(?:,| and|, and)? ?\d{1,7}(?:\.\d{1,9})? ?(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b)*|(?:\d{1,5}(?:\.\d{1,9})?[dhms])+)");
    private static readonly Regex Part = Rules.Compile(@"(?<number>an? |\d{1,7}(?:\.\d{1,9})?) ?(?<unit>ms|milli|d|h|m|s)");
    private static readonly Regex OnDayAndTime = Rules.Compile(Ends + Month + @" (?<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year>20\d\d)\b)?(?:,? (?:at )?(?:" + Hour + "))" + Zone);
    private static readonly Regex OnDay = Rules.Compile(Ends + "(?:" + Month + @" (?<day>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?<year>20\d\d)\b)?|(?<year>20\d\d)-(?<digits>\d\d)-(?<day>\d\d))" + Zone);
    private static readonly Regex OnShortDay = Rules.Compile(@"\bresets?(?: on)?:? (?<digits>\d\d)/(?<day>\d\d)\b" + Zone);
    private static readonly Regex OnWeekday = Rules.Compile(Ends + @"(?:(?<tomorrow>tomorrow)|(?<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*),? (?:at )?(?:" + Hour + ")" + Zone);
    private static readonly Regex AtTime = Rules.Compile(Ends + "(?:" + Hour + ")" + Zone);

    /// <summary>From <paramref name="now"/> to the moment that the text states; null where it states none, or one that is over. Whole seconds, upwards; at most seven days.</summary>
    /// <param name="text">A complaint.</param>
    /// <param name="now">Its offset is the zone of times that name none.</param>
    public static TimeSpan? Of(string text, DateTimeOffset now) =>
        Bounded(FromNumbers(text, now)) ?? Bounded(FromDuration(text)) ?? Bounded(FromClock(text, now));

    /// <summary>From <paramref name="now"/> to an epoch in seconds or milliseconds.</summary>
    public static TimeSpan? Until(double epoch, DateTimeOffset now) =>
        epoch is > 0 and < 1e14 ? Bounded(DateTimeOffset.FromUnixTimeMilliseconds((long)(epoch < 1e11 ? epoch * 1000 : epoch)) - now) : null;

    /// <summary>Null for what is over; else whole seconds, upwards, at most seven days.</summary>
    public static TimeSpan? Bounded(TimeSpan? wait) => wait is not { } span || span <= TimeSpan.Zero ? null
        : span >= Longest ? Longest
        : TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));

    private static TimeSpan? FromNumbers(string text, DateTimeOffset now)
    {
        if (InSeconds.Match(text) is { Success: true } seconds && NumberOf(seconds) is > 0 and var s)
            return s < 1e9 ? TimeSpan.FromSeconds(s) : null;
        if (InMilliseconds.Match(text) is { Success: true } milliseconds)
            return TimeSpan.FromMilliseconds(NumberOf(milliseconds));
        if (OnDate.Match(text) is { Success: true } date && DateTimeOffset.TryParseExact(date.Groups["date"].Value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return at - now;
        if (Delay.Match(text) is { Success: true } delay)
            return TimeSpan.FromSeconds(NumberOf(delay));
        if (OnEpoch.Match(text) is { Success: true } epoch)
            return Until(double.Parse(epoch.Groups["epoch"].Value, CultureInfo.InvariantCulture), now);
        if (OnInstant.Match(text) is { Success: true } instant)
            return Instant(instant, now) - now;
        return null;
    }

    private static DateTimeOffset? Instant(Match match, DateTimeOffset now)
    {
        var offset = match.Groups["offset"].Value.ToUpperInvariant();
        var zone = offset is "Z" or "UTC" ? "+00:00" : offset.Length == 5 ? offset.Insert(3, ":") : offset;
        if (!DateTime.TryParse(match.Groups["instant"].Value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock))
            return null;
        if (zone.Length == 0)
            return At(clock, now.Offset);
        return TimeSpan.TryParse(zone.TrimStart('+'), CultureInfo.InvariantCulture, out var shift) ? At(clock, shift) : null;
    }

    private static TimeSpan? FromDuration(string text)
    {
        if (InWords.Match(text) is not { Success: true } words)
            return null;
        var sum = 0.0;
        foreach (Match part in Part.Matches(words.Groups["words"].Value))
        {
            var number = part.Groups["number"].Value is ['a' or 'A', ..] ? 1 : NumberOf(part);
            sum += number * part.Groups["unit"].Value.ToLowerInvariant() switch { "d" => 86400, "h" => 3600, "m" => 60, "s" => 1, _ => 0.001 };
        }
        return TimeSpan.FromSeconds(Math.Min(sum, Longest.TotalSeconds));
    }

    private static TimeSpan? FromClock(string text, DateTimeOffset now)
    {
        if (now.Year is < 2000 or > 2900)
            return null; // no calendar to count days in
        foreach (var form in (Regex[])[OnDayAndTime, OnDay, OnShortDay, OnWeekday, AtTime])
        {
            if (form.Match(text) is { Success: true } match)
                return FromClock(match, now);
        }
        return null;
    }

    private static TimeSpan? FromClock(Match match, DateTimeOffset now)
    {
        if (!TryZone(match.Groups["zone"].Value, now, out var offsetAt) || !TryTime(match, out var time))
            return null;
        var local = now.ToOffset(offsetAt(now.UtcDateTime));
        if (match.Groups["day"].Success)
        {
            var month = match.Groups["digits"].Success ? Whole(match.Groups["digits"]) : 1 + (MonthNames.IndexOf(match.Groups["month"].Value.ToLowerInvariant(), StringComparison.Ordinal) / 3);
            if (Moment(match.Groups["year"].Success ? Whole(match.Groups["year"]) : local.Year, month, Whole(match.Groups["day"]), time, offsetAt) is not { } moment)
                return null;
            if (!match.Groups["year"].Success && moment < now.AddDays(-180))
                moment = Moment(local.Year + 1, month, Whole(match.Groups["day"]), time, offsetAt) ?? moment; // January, told in December
            return moment - now;
        }
        var day = local.Date;
        if (match.Groups["tomorrow"].Success)
            day = day.AddDays(1);
        else if (match.Groups["weekday"].Success)
            day = day.AddDays((WeekdayNames.IndexOf(match.Groups["weekday"].Value.ToLowerInvariant(), StringComparison.Ordinal) / 3 - (int)day.DayOfWeek + 7) % 7);
        var next = Moment(day.Year, day.Month, day.Day, time, offsetAt);
        if (next <= now - JustOver) // earlier today: tomorrow's, or next week's, is meant. Just over: the limit has ended while the log was on its way.
        {
            day = day.AddDays(match.Groups["weekday"].Success ? 7 : 1);
            next = Moment(day.Year, day.Month, day.Day, time, offsetAt);
        }
        return next - now;
    }

    private const string MonthNames = "janfebmaraprmayjunjulaugsepoctnovdec";
    private const string WeekdayNames = "sunmontuewedthufrisat";

    private static bool TryTime(Match match, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (!match.Groups["hour"].Success)
            return true; // a day without a time begins at midnight
        var (hour, minute) = (Whole(match.Groups["hour"]), match.Groups["minute"].Success ? Whole(match.Groups["minute"]) : 0);
        if (match.Groups["half"].Success)
        {
            if (hour is < 1 or > 12)
                return false;
            hour = (hour % 12) + (match.Groups["half"].Value[0] is 'p' or 'P' ? 12 : 0);
        }
        time = new TimeSpan(hour, minute, 0);
        return hour < 24 && minute < 60;
    }

    // An unknown zone is not guessed: hours too early would meet the same limit again.
    private static bool TryZone(string name, DateTimeOffset now, out Func<DateTime, TimeSpan> offsetAt)
    {
        var trimmed = name.Trim();
        if (trimmed.Length == 0)
        {
            offsetAt = _ => now.Offset;
            return true;
        }
        if (FixedOffset(trimmed.ToUpperInvariant()) is { } offset)
        {
            offsetAt = _ => offset;
            return true;
        }
        if (trimmed.Length > 2 && trimmed.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && TimeZoneInfo.TryFindSystemTimeZoneById(trimmed, out var zone))
        {
            offsetAt = zone.GetUtcOffset;
            return true;
        }
        offsetAt = _ => TimeSpan.Zero;
        return false;
    }

    private static TimeSpan? FixedOffset(string name) => name switch
    {
        "UTC" or "GMT" or "Z" => TimeSpan.Zero,
        "PDT" or "MST" => TimeSpan.FromHours(-7),
        "PST" => TimeSpan.FromHours(-8),
        "MDT" or "CST" => TimeSpan.FromHours(-6),
        "CDT" or "EST" => TimeSpan.FromHours(-5),
        "EDT" => TimeSpan.FromHours(-4),
        "CET" => TimeSpan.FromHours(1),
        "CEST" => TimeSpan.FromHours(2),
        "IST" => TimeSpan.FromHours(5.5),
        "JST" => TimeSpan.FromHours(9),
        ['U', 'T', 'C', '+' or '-', .. { Length: > 0 } rest] => Shift(name[3], rest),
        ['G', 'M', 'T', '+' or '-', .. { Length: > 0 } rest] => Shift(name[3], rest),
        _ => null,
    };

    private static TimeSpan? Shift(char sign, string digits)
    {
        var parts = digits.Split(':');
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours))
            return null;
        var minutes = parts.Length > 1 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var m) ? m : 0;
        if (hours > 99)
            (hours, minutes) = (hours / 100, hours % 100);
        return hours > 14 || minutes > 59 ? null : (sign == '-' ? -1 : 1) * new TimeSpan(hours, minutes, 0);
    }

    private static DateTimeOffset? Moment(int year, int month, int day, TimeSpan time, Func<DateTime, TimeSpan> offsetAt)
    {
        if (year is < 2000 or > 2999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return null;
        var clock = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + time;
        return At(clock, offsetAt(clock));
    }

    private static DateTimeOffset? At(DateTime clock, TimeSpan offset) =>
        clock.Year is < 2000 or > 2999 || offset.Duration() > TimeSpan.FromHours(14) || offset.Ticks % TimeSpan.TicksPerMinute != 0 ? null : new DateTimeOffset(DateTime.SpecifyKind(clock, DateTimeKind.Unspecified), offset);

    private static double NumberOf(Match match) => double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);

    private static int Whole(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);
}
