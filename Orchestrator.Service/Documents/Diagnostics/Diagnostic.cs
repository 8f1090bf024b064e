namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>Something about an invoice that a person may want to know, with both values, so that nobody has to open the file to see it.</summary>
/// <param name="Rule">EN 16931's own id where it has one ("BR-CO-15"), else a name ("XmlPrintMismatch").</param>
/// <param name="Severity">What follows from it.</param>
/// <param name="Message">One sentence for the person who decides.</param>
/// <param name="Expected">What it would have to be; null where there is no one right value.</param>
/// <param name="Actual">What it is; null where it is missing.</param>
/// <param name="Terms">The business terms concerned ("BT-112").</param>
public sealed record Diagnostic(string Rule, Severity Severity, string Message, string? Expected, string? Actual, IReadOnlyList<string> Terms);

public enum Severity
{
    /// <summary>Good to know; hinders nothing.</summary>
    Note,
    /// <summary>Unusual; the document may go on.</summary>
    Warning,
    /// <summary>A person must look before anything is booked.</summary>
    Error,
}
