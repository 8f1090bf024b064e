namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>What an invoice must say follows from what it promised. Print promises nothing but the minimum fields.</summary>
internal static class Profiles
{
    public static bool PromisesDocumentLevel(this InvoiceProfile profile) => profile is not (InvoiceProfile.Unknown or InvoiceProfile.Minimum);

    public static bool PromisesLines(this InvoiceProfile profile) => profile is InvoiceProfile.Basic or InvoiceProfile.En16931 or InvoiceProfile.Extended;
}
