using System.Globalization;
using CsvHelper;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>A file of orders, read whole or not at all.</summary>
public abstract record PurchaseOrderFile
{
    private PurchaseOrderFile() { }

    public sealed record Read(IReadOnlyList<PurchaseOrder> Orders) : PurchaseOrderFile;

    /// <summary>Nothing of it is taken: half an import is worse than none, since nobody can tell which half.</summary>
    public sealed record Refused(IReadOnlyList<RowError> Errors) : PurchaseOrderFile;
}

/// <param name="Line">The line in the file, from 1; the header is line 1.</param>
/// <param name="Column">Null where the whole line is meant.</param>
/// <param name="Why">What is wrong, and what would be right.</param>
public sealed record RowError(int Line, string? Column, string Why);

/// <summary>
/// Columns, in any order: po_number, supplier, currency, ordered_net; and if wanted supplier_vat, buyer, received_net. Others
/// are left alone. Separated by comma, semicolon or tab; amounts with a decimal point and no grouping.
/// </summary>
internal static class PurchaseOrderCsv
{
    private const int MaxErrors = 50;
    private const int MaxRows = 100_000;
    private const int LongestIdentifier = 100;
    private const int LongestName = 400; // what can stand in an index's key, whatever its letters
    private const decimal MaxAmount = 1_000_000_000_000;
    private static readonly string[] Needed = ["po_number", "supplier", "currency", "ordered_net"];

    public static PurchaseOrderFile Parse(Stream file)
    {
        using var csv = CsvReader.Create(file, new()
        {
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw, // a stray quote would silently shift amounts into other columns
            MaxRecordSize = 64 * 1024,
        }, leaveOpen: true);
        try
        {
            return Rows(csv);
        }
        catch (CsvFormatException wrong)
        {
            return new PurchaseOrderFile.Refused([new((int)Math.Max(wrong.LineNumber, 1), null, $"The line can't be read as CSV: {wrong.Message}")]);
        }
    }

    private static PurchaseOrderFile Rows(CsvReader csv)
    {
        csv.ReadHeader();
        if (csv.Headers is not { Count: > 0 } headers) return new PurchaseOrderFile.Refused([new(1, null, "The file is empty; it needs a header and a line for each order.")]);
        var missing = Needed.Where(column => !csv.TryGetFieldIndex(column, out _))
            .Select(column => new RowError(1, column, $"The column is missing. The header has: {string.Join(", ", headers)}.")).ToList();
        if (missing.Count > 0) return new PurchaseOrderFile.Refused(missing);
        var (orders, errors, seen) = (new List<PurchaseOrder>(), new List<RowError>(), new Dictionary<(string, string), int>());
        while (errors.Count < MaxErrors && csv.Read())
        {
            var line = (int)csv.LineNumber;
            if (orders.Count == MaxRows) return new PurchaseOrderFile.Refused([new(line, null, $"The file has more than {MaxRows} orders; cut it in pieces.")]);
            if (csv.FieldCount != headers.Count)
            {
                errors.Add(new(line, null, $"The line has {csv.FieldCount} fields and the header {headers.Count}; is a comma missing its quotes?"));
                continue;
            }
            var before = errors.Count;
            var order = Row(csv, line, errors);
            var key = (Identifiers.Normalise(order.Number), CompanyName.Normalise(order.SupplierName));
            if (errors.Count == before && !seen.TryAdd(key, line))
                errors.Add(new(line, "po_number", $"The order '{order.Number}' of {order.SupplierName} stands in line {seen[key]} already."));
            orders.Add(order);
        }
        return errors.Count == 0 ? new PurchaseOrderFile.Read(orders) : new PurchaseOrderFile.Refused(errors);
    }

    private static PurchaseOrder Row(CsvReader csv, int line, List<RowError> errors)
    {
        var currency = Text("currency").ToUpperInvariant();
        if (currency.Length > 0 && !(currency.Length == 3 && currency.All(char.IsAsciiLetter)))
            Wrong("currency", $"'{currency}' is no currency; write its three letters, as in EUR.");
        return new()
        {
            Number = Text("po_number"),
            SupplierName = Text("supplier"),
            SupplierVatId = Optional("supplier_vat"),
            Buyer = Optional("buyer"),
            Currency = currency,
            OrderedNet = Amount("ordered_net", Text("ordered_net")) ?? 0,
            ReceivedNet = Optional("received_net") is { } received ? Amount("received_net", received) : null,
        };

        string? Optional(string column)
        {
            if (!csv.TryGetFieldIndex(column, out var index) || csv.GetString(index) is not { Length: > 0 } value) return null;
            if (value.Contains('\0', StringComparison.Ordinal)) Wrong(column, "It has the character NUL, which PostgreSQL can't store.");
            var longest = column is "supplier" or "buyer" ? LongestName : LongestIdentifier;
            if (value.Length > longest) Wrong(column, string.Create(CultureInfo.InvariantCulture, $"It has {value.Length} characters and at most {longest} are taken."));
            // A name with a hole in it would match nobody's invoices, and nobody would see why.
            if (value.Contains('\uFFFD', StringComparison.Ordinal)) Wrong(column, "It has letters that are not UTF-8; save the file as \"CSV UTF-8\".");
            return value;
        }

        string Text(string column)
        {
            if (Optional(column) is { } value) return value;
            Wrong(column, "It is empty.");
            return "";
        }

        decimal? Amount(string column, string written)
        {
            if (written.Length == 0) return null;
            if (!decimal.TryParse(written, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
                Wrong(column, $"'{written}' is no amount; write it with a decimal point and no grouping, as in 1234.50.");
            else if (amount is < 0 or > MaxAmount) Wrong(column, $"'{written}' is below 0 or above {MaxAmount}.");
            return amount;
        }

        void Wrong(string column, string why) => errors.Add(new(line, column, why));
    }
}
