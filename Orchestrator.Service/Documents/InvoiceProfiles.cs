namespace Orchestrator.Service.Documents;

public static class InvoiceProfiles
{
    /// <summary>
    /// Reads BT-24. The order matters: BASIC WL contains "basic", and the conformant profiles carry EN 16931's own
    /// identifier in front of theirs.
    /// </summary>
    public static InvoiceProfile FromSpecification(string? specification)
    {
        var id = specification?.Trim().ToLowerInvariant() ?? "";
        if (id.Contains("minimum", StringComparison.Ordinal)) return InvoiceProfile.Minimum;
        if (id.Contains("basicwl", StringComparison.Ordinal)) return InvoiceProfile.BasicWithoutLines;
        if (id.Contains("extended", StringComparison.Ordinal)) return InvoiceProfile.Extended;
        if (id.Contains("basic", StringComparison.Ordinal)) return InvoiceProfile.Basic;
        if (id.Contains("en16931", StringComparison.Ordinal) || id.Contains("comfort", StringComparison.Ordinal)) return InvoiceProfile.En16931;
        return InvoiceProfile.Unknown;
    }
}
