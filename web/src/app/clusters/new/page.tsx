import { CreateWizard } from "@/features/creating/wizard";

export default function Page() {
  return <CreateWizard />;
}
