using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>What a task is called: one line of 1 to 200 characters.</summary>
internal static class TaskTitle
{
    private const int Longest = 200;

    public static bool IsOne(string? title) => title is { Length: > 0 and <= Longest } && !title.Any(char.IsControl);

    /// <summary>Anything as a title.</summary>
    public static string Of(string text) => Ellipsis.Of(OneLine(text), Longest);

    /// <summary>The same, as long as it is.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim() is { Length: > 0 } named ? named : "Without a title";
}
