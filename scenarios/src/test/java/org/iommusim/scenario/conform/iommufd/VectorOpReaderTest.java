package org.iommusim.scenario.conform.iommufd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.iommusim.scenario.language.ScenarioException;
import org.junit.jupiter.api.Test;

class VectorOpReaderTest {
    private static final String ALLOC =
            "{'op':'IOAS_ALLOC','in':{},'out':{'out_ioas_id':'$a'},'errno':0,'ids':{'$a':1}}";

    private final Symbols symbols = new Symbols();

    private static void bad(String op, String message) {
        assertThatThrownBy(() -> Vectors.of(op))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("v.jsonl: line 1: /ops/0" + message);
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        bad("{'op':'IOAS_FREE','in':{},'errno':0}", "/op: found the unknown operation \"IOAS_FREE\", expected one of");
        bad(
                "{'op':'DESTROY','in':{'ident':1},'errno':0}",
                "/in/ident: found the unknown field \"ident\", expected one");
        bad("{'op':'X_CLOSE','in':{'handle':1},'errno':0}", "/in/handle: found the unknown field \"handle\"");
        bad("{'op':'DESTROY','in':{'id':1},'errno':'-EODD'}", "/errno: found \"-EODD\", expected 0 or a name");
        bad("{'op':'DESTROY','in':{'id':1},'errno':5}", "/errno: found the number 5, expected 0 or a name");
        bad("{'op':'DESTROY','in':{'id':1},'error':0}", "/error: found the unknown field \"error\"");
        bad("{'op':'DESTROY','in':{'id':'$a'},'errno':0}", "/in/id: found $a, expected a symbol that an earlier");
        bad("{'op':'IOAS_MAP','in':{'user_va':'@stack'},'errno':0}", "/in/user_va: found @stack, expected @buf");
        bad(
                "{'op':'HWPT_ALLOC','in':{'flags':['NESTED']},'errno':0}",
                "/in/flags/0: found \"NESTED\", expected a number or one of [NEST_PARENT, DIRTY_TRACKING,");
        bad("{'op':'X_WRITE','in':{'fd':3,'hex':'0'},'errno':0}", "/in/hex: found \"0\", expected bytes");
        bad(
                "{'op':'HWPT_INVALIDATE','in':{'entries':[{'asid':1}]},'errno':0}",
                "/in/entries/0/asid: found the unknown field \"asid\"");
        bad("{'op':'DESTROY','in':{'id':1.5},'errno':0}", "/in/id: found the number 1.5, expected a number");
        bad("{'op':'DESTROY','in':{'id':99999999999999999999},'errno':0}", "/in/id: found the number 9999");
        bad("{'op':'DESTROY','in':{},'errno':0,'ids':{'$x':1}}", "/ids/$x: found an id of $x, expected a symbol");
        bad(
                "{'op':'DESTROY','in':{},'errno':0,'bind':{'iova':'$x'}}",
                "/bind/iova: found a symbol for \"iova\", expected an output that is a number");
    }

    @Test
    void shouldRefuseACaseWithoutTheMock() {
        assertThatThrownBy(() -> Vectors.line("{'id':'a','kernel':'7','mock':false,'ops':[]}"))
                .hasMessage("v.jsonl: line 1: /mock: found false, expected true: cases are played on the mock IOMMU");
    }

    @Test
    void shouldReadNumbersInEveryForm() {
        assertThat(in("'flags':1,'iova':'0xffffffffffffffff','length':18446744073709551615", "iova"))
                .isEqualTo(-1);
        assertThat(in("'length':18446744073709551615", "length")).isEqualTo(-1);
        assertThat(in("'flags':['FIXED_IOVA','READABLE','0x10']", "flags")).isEqualTo(0x15);
        assertThat(in("'user_va':'@buf+0x1800'", "user_va")).isEqualTo(Region.BUF.base() + 0x1800);
        assertThat(in("'user_va':'@ro-0x1'", "user_va")).isEqualTo(Region.RO.base() - 1);
        assertThat(in("'ioas_id':'$fd'", "ioas_id")).isEqualTo(3);
        assertThat(in("'ioas_id':'$fd+16'", "ioas_id")).isEqualTo(19);
        assertThat(in("'ioas_id':-1", "ioas_id")).isEqualTo(-1);
    }

    private long in(String fields, String field) {
        symbols.bind(Player.FIRST_FILE, 3);
        return Vectors.op("{'op':'IOAS_MAP','in':{" + fields + "},'errno':0}").value(field, 0, symbols);
    }

    @Test
    void shouldPutListsIntoTheDataArea() {
        VectorOp allow = Vectors.op(
                "{'op':'IOAS_ALLOW_IOVAS','in':{'num_iovas':1,'allowed_iovas':[['0x1000','0x2fff']]},'errno':0}");
        assertThat(allow.value("allowed_iovas", 0, symbols)).isEqualTo(Region.BLOB.base());
        assertThat(allow.data().bytes(symbols))
                .containsExactly(0, 0x10, 0, 0, 0, 0, 0, 0, 0xff, 0x2f, 0, 0, 0, 0, 0, 0);
        assertThat(invalidate("'entries':[{'flags':['ALL'],'iotlb_id':2}],'entry_len':8"))
                .containsExactly(1, 0, 0, 0, 2, 0, 0, 0);
    }

    @Test
    void shouldCutEntriesShortAndFillTheirTails() {
        assertThat(invalidate("'entries':[{'vdev_id':9,'cache_id':1},{'vdev_id':8,'cache_id':2}],'entry_len':8"))
                .containsExactly(0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0);
        assertThat(invalidate("'entries':[{'vdev_id':9,'cache_id':1}],'entry_len':14,'tailbyte':5"))
                .containsExactly(0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 5, 5);
        assertThat(invalidate("'entries':[{'vdev_id':9,'cache_id':1}],'entry_len':0"))
                .hasSize(12);
    }

    private byte[] invalidate(String fields) {
        return Vectors.op("{'op':'HWPT_INVALIDATE','in':{" + fields + "},'errno':0}")
                .data()
                .bytes(symbols);
    }

    @Test
    void shouldSetBitsOfABitmap() {
        assertThat(Vectors.op("{'op':'TEST_DIRTY','in':{'dirty_bits':[0,9]},'errno':0}")
                        .data()
                        .bytes(symbols))
                .containsExactly(1, 2);
        assertThat(Vectors.op("{'op':'TEST_DIRTY','in':{'dirty_bits':[]},'errno':0}")
                        .data()
                        .bytes(symbols))
                .isEmpty();
    }

    @Test
    void shouldKnowEverySymbolOfEarlierOperations() {
        IommufdVector vector = Vectors.of(ALLOC, "{'op':'DESTROY','in':{'id':'$a'},'errno':0}");
        assertThat(vector.ops().get(0).ids()).containsEntry("$a", 1L);
        symbols.bind("$a", 7);
        assertThat(vector.ops().get(1).value("id", 0, symbols)).isEqualTo(7);
    }
}
