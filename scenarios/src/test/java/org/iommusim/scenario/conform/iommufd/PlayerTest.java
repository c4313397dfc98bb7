package org.iommusim.scenario.conform.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.TestOp;
import org.junit.jupiter.api.Test;

class PlayerTest {
    private static final long ARGUMENT = Region.ARGUMENT.base();

    private FakeCalls calls = new FakeCalls((number, argument) -> 0);
    private final Symbols symbols = new Symbols();

    private Answer play(String op) {
        IommufdVector vector = Vectors.of(op);
        symbols.bind(Player.FIRST_FILE, 3);
        return new Player(calls, symbols, vector).play(vector.ops().get(0));
    }

    private String argument(int bytes) {
        return HexFormat.of().formatHex(calls.load(ARGUMENT, bytes));
    }

    @Test
    void shouldWriteTheStructureAndPassItsAddress() {
        play("{'op':'DESTROY','in':{'id':'0x1234'},'errno':0}");
        assertThat(argument(8)).isEqualTo("0800000034120000");
        assertThat(calls.ioctls).containsExactly(List.of(3L, 0x3b80L, ARGUMENT));
    }

    @Test
    void shouldSayWhatTheVectorSaysInsteadOfTheTruth() {
        play("{'op':'DESTROY','in':{'_size':7,'_nr':'0x3bff','_ptr':'@hole','on':9,'id':1},'errno':0}");
        assertThat(argument(8)).isEqualTo("0700000001000000");
        assertThat(calls.ioctls).containsExactly(List.of(9L, 0x3bffL, Region.HOLE.base()));
    }

    @Test
    void shouldWriteBehindTheStructure() {
        play("{'op':'DESTROY','in':{'_size':16,'_trail':5},'errno':0}");
        assertThat(argument(10)).isEqualTo("10000000000000000500");
        play("{'op':'DESTROY','in':{'_size':16,'_trail':5,'_trailoff':10,'_trailn':2},'errno':0}");
        assertThat(argument(13)).isEqualTo("10000000000000000000050500");
        calls = new FakeCalls((number, argument) -> 0);
        play("{'op':'DESTROY','in':{'_size':16,'_trail':5,'_trailoff':1},'errno':0}");
        assertThat(argument(11)).isEqualTo("1000000000000000000500");
    }

    @Test
    void shouldZeroWhatAnEarlierOperationLeft() {
        IommufdVector vector = Vectors.of(
                "{'op':'HWPT_ALLOC','in':{'data':{'iotlb':7,'pagetable_type':1},'_size':60,'_trail':1,'_trailn':12},"
                        + "'errno':0}",
                "{'op':'IOAS_ALLOC','in':{},'errno':0}");
        symbols.bind(Player.FIRST_FILE, 3);
        Player player = new Player(calls, symbols, vector);
        player.play(vector.ops().get(0));
        assertThat(calls.load(Region.BLOB.base(), 8)).containsExactly(7, 0, 0, 0, 1, 0, 0, 0);
        player.play(vector.ops().get(1));
        assertThat(calls.load(Region.BLOB.base(), 8)).containsOnly(0);
        assertThat(calls.load(ARGUMENT + 12, 60)).containsOnly(0);
    }

    @Test
    void shouldPassTheOperationOfTheSelftest() {
        play("{'op':'TEST_MOCK_DOMAIN_REPLACE','in':{'id':5,'pt_id':6},'errno':0}");
        assertThat(argument(20)).isEqualTo("480000000a000000050000000000000006000000");
        assertThat(calls.ioctls.get(0)).startsWith(3L, (long) TestOp.NUMBER);
    }

    @Test
    void shouldPassAValueAsItIs() {
        calls = new FakeCalls((number, argument) -> argument);
        Answer answer = play("{'op':'VFIO_CHECK_EXTENSION','in':{'arg':4},'errno':0}");
        assertThat(calls.ioctls).containsExactly(List.of(3L, 0x3b65L, 4L));
        assertThat(answer.returned()).isEqualTo(4);
    }

    /** As the recorder does: it asks the mock about values until it agrees. */
    @Test
    void shouldFindTheCellsOfACache() {
        calls = new FakeCalls((number, argument) -> {
            byte[] struct = calls.load(argument, 24);
            return struct[20] == 7 || struct[16] == 3 && struct[20] == 0 ? 0 : Errno.EINVAL;
        });
        IommufdVector vector = Vectors.of(
                "{'op':'HWPT_ALLOC','in':{'data':{'iotlb':7}},'errno':0}",
                "{'op':'X_DUMP_IOTLB','in':{'id':5},'errno':0}");
        symbols.bind(Player.FIRST_FILE, 3);
        Answer answer = new Player(calls, symbols, vector).play(vector.ops().get(1));
        assertThat(answer.texts()).containsEntry("iotlb", "[0x7, 0x7, 0x7, 0x0]");
        Answer none = play("{'op':'X_DUMP_IOTLB','in':{'id':5},'errno':0}");
        assertThat(none.texts().get("iotlb")).isEqualTo(Texts.cells(List.of(-1L, -1L, -1L, 0L)));
    }

    @Test
    void shouldAnswerWhatADumpFailsWith() {
        calls = new FakeCalls((number, argument) -> Errno.ENOENT);
        assertThat(play("{'op':'X_DUMP_CACHE','in':{'id':5},'errno':0}").errno())
                .isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldTakeEventsApart() {
        calls = new FakeCalls((va, bytes) -> {
            calls.store(va, HexFormat.of().parseHex("000000000400000099000000" + "0100000006000000"));
            return 20;
        });
        Answer answer = play("{'op':'X_READ','in':{'fd':4,'len':64},'errno':0}");
        assertThat(answer.numbers()).containsEntry("n", 20L);
        assertThat(answer.records().get("vevents"))
                .extracting(Texts::record)
                .containsExactly("{flags=0x0 sequence=0x4 virt_id=0x99}", "{flags=0x1 sequence=0x6}");
    }

    @Test
    void shouldDetachPasidsBeforeTheEnd() {
        IommufdVector vector = Vectors.of(
                "{'op':'TEST_PASID_ATTACH','in':{'id':5,'pasid':8,'pt_id':1},'errno':0}",
                "{'op':'TEST_PASID_ATTACH','in':{'id':5,'pasid':9,'pt_id':1},'errno':0}",
                "{'op':'TEST_PASID_DETACH','in':{'id':5,'pasid':8},'errno':0}");
        symbols.bind(Player.FIRST_FILE, 3);
        Player player = new Player(calls, symbols, vector);
        vector.ops().forEach(player::play);
        player.finish();
        assertThat(calls.ioctls).hasSize(4);
        assertThat(argument(20)).isEqualTo("4800000014000000050000000000000009000000");
    }
}
