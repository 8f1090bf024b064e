namespace Orchestrator.Service.Documents.Reading;

/// <summary>What no invoice says. Beyond it a value is not taken, so that sums can't overflow, indexes can hold it, and names can be compared.</summary>
internal static class FieldLimits
{
    /// <summary>Characters of a number, a name or a code.</summary>
    public const int LongestTerm = 400;

    /// <summary>Of an amount, a quantity or a rate, whatever its sign.</summary>
    public const decimal LargestAmount = 1_000_000_000_000;
}
