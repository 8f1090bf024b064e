using System.Globalization;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Delays longer than SQS knows. A message carries its due time; a receiver that gets it early sends it on with what remains of the
/// delay, before any consumer sees it. A crash between the two sends leaves two copies: a delayed message is delivered at least once,
/// like any other. A receiver on another library sees it after the first hop, 15 minutes at most.
/// </summary>
internal static class DueTime
{
    public const string Attribute = "Orchestrator-Due";

    /// <summary>The longest delay of one hop.</summary>
    public static readonly TimeSpan Hop = TimeSpan.FromSeconds(900);

    /// <summary>Rounding of clocks and of whole seconds: what is due this soon is due.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    public static string Write(DateTimeOffset due) => due.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The delay of the next hop, or null when the message is due (or carries no due time).</summary>
    public static TimeSpan? Remaining(IReadOnlyDictionary<string, MessageAttribute>? attributes, DateTimeOffset now)
    {
        if (attributes is null || !attributes.TryGetValue(Attribute, out var attribute)
            || !long.TryParse(attribute.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return null;
        var remaining = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) - now;
        return remaining <= Grace ? null : remaining;
    }

    /// <summary>Whole seconds, rounded up, that SQS shall hold the next hop back.</summary>
    public static int SecondsOf(TimeSpan remaining) => (int)Math.Ceiling(Math.Min(remaining.TotalSeconds, Hop.TotalSeconds));
}
